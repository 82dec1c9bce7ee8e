"""From texts about families of variables, named values and bindings to scalars: what every reading starts from."""
