"""Clean rows completed by imputations that files hold: matched, checked, cleaned alike."""
