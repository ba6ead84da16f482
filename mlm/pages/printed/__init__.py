"""What all printed forms of a document share: decimals that agree, and lines that hold."""
