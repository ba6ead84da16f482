"""Crossed effects eliminated container by container, in fronts."""
