"""The gate in front of the web app: who may come in, with which sign-in, and until when."""
