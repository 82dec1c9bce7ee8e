"""`python -m worldmodel`: the command `glassworld` where its script is not on the path."""

from worldmodel.commands.main import main

if __name__ == "__main__":
    main(prog_name="glassworld")
