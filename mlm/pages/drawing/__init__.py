"""Drawings of charts: letters and their widths, marks, scales, panels and rows, as SVG."""
