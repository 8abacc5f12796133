"""Environments, engines, kernels, policy and bundles as one file declares them."""
