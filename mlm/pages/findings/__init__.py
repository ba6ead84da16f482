"""Findings: what an analysis says, one sentence each, in order of importance."""
