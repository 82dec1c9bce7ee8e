"""The assistant `parameters`: what data say about the parameters of approved mechanisms, as posterior files."""
