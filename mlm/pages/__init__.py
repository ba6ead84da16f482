"""Pages: one report document from the results, and its renderings (HTML, PDF, CSV, XLSX).

This room rounds, labels and words. It reads plain dictionaries and estimates nothing.
"""
