"""Is a project's text in order, and is the environment the one that it asks for?"""
