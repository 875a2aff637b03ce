"""plotly figures, one module a picture, and the palette they share."""
