"""Answers as drafts: each one that the simulator judged, right or wrong, once; signing it makes it count.

What a reviewer answered is in the memory at once. The draft follows when the judgement is there, and again after a
crash between the two, since both follow from the memory.
"""

from reviewer.answering import answer_text
from reviewer.comprehension.question import answer_digest
from reviewer.drafts import new_draft
from reviewer.history import context_of
from reviewer.log import Request
from reviewer.session.asking import Interview, read_answer
from reviewer.session.scene import Scene, keep_draft
from worldmodel.errors import GlassworldError
from worldmodel.governance.operations import Answer


def draft_answers(scene: Scene, request: Request, interview: Interview) -> int:
    """Drafts every judged answer that is neither drafted nor signed by this reviewer; says how many were."""
    done = _drafted(scene, request) | _signed(scene, request)
    new = [one for one in interview.asked if one.judged is not None and one.question.digest not in done]
    count = 0
    for one in new:
        assert one.answer is not None
        assert one.judged is not None
        try:
            answer = read_answer(one.question, one.answer)
        except GlassworldError:  # no answer to the question; it is told so, and nothing is signed for it
            continue
        draft = new_draft(
            request,
            "answer",
            answer_text(answer),
            context=context_of(scene.history, request),
            who=scene.memory.viewer,
            question=one.question.digest,
            answer=answer_digest(answer),
            right=one.judged.right,
        )
        keep_draft(scene, draft)
        count += 1
    return count


def _drafted(scene: Scene, request: Request) -> set[str | None]:
    return {kept.draft.question for kept in scene.drafts if kept.draft.proposal == request.state.proposal}


def _signed(scene: Scene, request: Request) -> set[str | None]:
    roster, viewer = scene.history.standing.roster, scene.memory.viewer
    return {
        one.operation.question
        for one in request.state.said
        if isinstance(one.operation, Answer)
        and one.operation.proposal == request.state.proposal
        and roster.person(one.key) == viewer
    }
