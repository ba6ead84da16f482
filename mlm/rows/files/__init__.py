"""Files of a wave in any format, read as text, chunk by chunk.

Nothing is imported here, since the process that reads typed files loads only its own part.
"""
