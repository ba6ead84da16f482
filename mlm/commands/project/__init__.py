"""A project's folder: how it is begun, and how the packaged workflow is run in it."""
