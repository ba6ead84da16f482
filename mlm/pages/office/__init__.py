"""The brief as files of office programs, from the same document as the page."""
