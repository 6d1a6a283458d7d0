"""Facts about torch and its companions as typed tables; every entry names where it comes from, and none imports torch."""
