"""The one way to a language model: a typed answer, or a ModelError, within a time and a number of turns."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from perfpilot.domain.base import Frozen
from perfpilot.tools.model.answer import NoDocument, document_of
from perfpilot.tools.model.failure import ModelFailed, Why, classify, wants_another_tier

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

T = TypeVar("T", bound=BaseModel)
Tier = Literal["json_schema", "function_calling", "json_mode"]
TIERS: tuple[Tier, ...] = ("json_schema", "function_calling", "json_mode")

TIMEOUT_S = 90.0
REPAIRS = 2
_PROMPT_LIMIT = 60_000  # characters, some 15,000 tokens: fits the context of the small models of today
_QUOTED = 4000


class Call(Frozen):
    """One question. `why` is empty where it was answered; tokens are 0 where the server does not count."""

    schema_name: str
    seconds: float
    requests: int
    repairs: int
    tier: str = ""
    why: str = ""
    tokens: int = 0


class ModelGateway:
    """Asks a LangChain chat model for typed answers and keeps a record of it.

    Three ways of asking are tried in turn where a server refuses one: a JSON schema (given as a dict, because
    a class makes the OpenAI client raise on fenced JSON), a tool call, JSON mode. The one that worked is
    asked first the next time. Answers are validated here; no client's parser is trusted.
    """

    def __init__(self, model: BaseChatModel, *, timeout_s: float = TIMEOUT_S, repairs: int = REPAIRS) -> None:
        self._model = model
        self._timeout_s = timeout_s
        self._repairs = repairs
        self._tiers = TIERS
        self._calls: list[Call] = []

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every question so far, answered or not."""
        return tuple(self._calls)

    async def ask(self, prompt: str, schema: type[T]) -> T:
        """Ask once, repair at most twice, all within `timeout_s`. Raises `ModelFailed`, a ModelError.

        Nothing but that leaves, except the cancellation of the caller.
        """
        conversation = _Conversation(self._model, prompt, schema, self._tiers, self._repairs)
        begin_s, why = time.monotonic(), ""
        try:
            if len(prompt) > _PROMPT_LIMIT:
                raise ModelFailed(Why.INVALID, f"a prompt of {len(prompt)} characters was not sent")
            async with asyncio.timeout(self._timeout_s):
                answer = await conversation.hold()
        except Exception as error:
            # A chat model may be anyone's and raise anything; rules take over whatever it was.
            failed = error if isinstance(error, ModelFailed) else classify(error)
            why = failed.why.value
            raise failed from None
        finally:
            self._calls.append(conversation.record(time.monotonic() - begin_s, why))
        self._tiers = (conversation.tier, *(tier for tier in TIERS if tier != conversation.tier))
        return answer

    def degradations(self) -> tuple[str, ...]:
        """One sentence for each kind of failure, for the report."""
        failures: dict[str, int] = {}
        for call in self._calls:
            if call.why:
                failures[call.why] = failures.get(call.why, 0) + 1
        return tuple(
            f"the language model failed {count} of {len(self._calls)} times ({why}); rules took over"
            for why, count in sorted(failures.items())
        )


class _Conversation(Generic[T]):
    """One question with its repairs."""

    def __init__(
        self, model: BaseChatModel, prompt: str, schema: type[T], tiers: Sequence[Tier], repairs: int
    ) -> None:
        self._model, self._schema = model, schema
        self._document = schema.model_json_schema()
        # Some servers put the schema nowhere in the prompt (Ollama), and JSON mode needs the word JSON there.
        asked = json.dumps(self._document, ensure_ascii=False)
        self._messages: list[tuple[str, str]] = [
            (
                "user",
                f"{prompt}\n\nAnswer with one JSON object that fits this JSON schema, nothing else:\n{asked}",
            )
        ]
        self._waiting = list(tiers)
        self._repairs_left = self._repairs = repairs
        self._requests = self._tokens = 0
        self.tier: Tier = self._waiting.pop(0)

    async def hold(self) -> T:
        """The validated answer. Raises ModelFailed or whatever the client raises."""
        while True:
            try:
                message = await self._send()
            except Exception as error:
                if not wants_another_tier(error) or not self._waiting:
                    raise
                self.tier = self._waiting.pop(0)
                continue
            try:
                return self._schema.model_validate(document_of(message))
            except (NoDocument, ValidationError) as error:
                self._ask_again(message, error)

    def record(self, seconds: float, why: str) -> Call:
        """What it took."""
        return Call(
            schema_name=self._schema.__name__,
            seconds=round(seconds, 3),
            requests=self._requests,
            repairs=self._repairs - self._repairs_left,
            tier=self.tier,
            why=why,
            tokens=self._tokens,
        )

    async def _send(self) -> BaseMessage:
        self._requests += 1
        runnable = self._model.with_structured_output(self._document, method=self.tier, include_raw=True)
        out: Any = await runnable.ainvoke(list(self._messages))
        raw: BaseMessage = out["raw"]
        self._tokens += int((getattr(raw, "usage_metadata", None) or {}).get("total_tokens", 0))
        return raw

    def _ask_again(self, message: BaseMessage, error: NoDocument | ValidationError) -> None:
        if self._repairs_left == 0:
            raise ModelFailed(Why.INVALID, f"no {self._schema.__name__} after {self._repairs} repairs")
        self._repairs_left -= 1
        problem = str(error) if isinstance(error, NoDocument) else _problems(error)
        # As plain text: a message with tool calls would have to be followed by their results.
        said = str(message.text)[:_QUOTED] or json.dumps(getattr(message, "tool_calls", []))[:_QUOTED]
        self._messages = [
            self._messages[0],
            ("assistant", said or "(nothing)"),
            ("user", f"That answer can't be used: {problem}. Answer again with the JSON object alone."),
        ]
        if isinstance(error, NoDocument) and self._waiting:
            self.tier = self._waiting.pop(0)  # it ignored this way of asking


def _problems(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in found[:8])
