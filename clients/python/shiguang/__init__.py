"""The command line of Shiguang: sign in, send a folder, search, fetch."""
