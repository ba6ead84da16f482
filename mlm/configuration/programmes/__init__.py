"""Programmes of assessments: what the columns of their public-use files are."""
