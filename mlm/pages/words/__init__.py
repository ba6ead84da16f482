"""Words for records: one module a family of them, one function a kind."""
