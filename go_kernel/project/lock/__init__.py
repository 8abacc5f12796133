"""A project's Go modules beside its conda packages: do both sides name the same versions?"""
