"""Repairing a project: tidy or vendor anew, shown first, put back where it makes things worse."""
