"""What a browser may send, as strict models; anything else is refused and never guessed at."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from worldmodel.governance.shape import Strict, validate

Browser = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,64}$")]
Epoch = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Sequence = Annotated[int, Field(ge=0, le=2**53)]
PaneName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,40}$")]


class Hello(Strict):
    """A browser that draws the application for the first time."""

    type: Literal["hello"]
    browser: Browser


class Beat(Strict):
    """A sign of life that asks for one; `take` asks to be the one that acts."""

    type: Literal["beat"]
    browser: Browser
    number: Sequence
    take: bool = False


class Fetch(Strict):
    """Asks for a pane of the opened request."""

    type: Literal["fetch"]
    browser: Browser
    pane: PaneName


class Act(Strict):
    """Asks for an action, drawn in the session of this epoch."""

    type: Literal["act"]
    browser: Browser
    epoch: Epoch
    number: Sequence
    action: dict[str, Any]


Message = Annotated[Hello | Beat | Fetch | Act, Field(discriminator="type")]
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


def read_message(value: Any) -> Message:
    """A message from a browser; raises InputError with everything that is wrong with it."""
    return validate(MESSAGE, value, "message from the browser")
