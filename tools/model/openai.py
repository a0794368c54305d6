"""Chat models behind OpenAI's chat-completions protocol, which most servers of models speak."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

DEFAULT_MODEL = "gpt-5-mini"
TIMEOUT_S = 60.0
_ANSWER_LIMIT = 2 * 1024 * 1024  # bytes; the answers asked for have some thousand
_TOKEN_LIMIT = 8192  # of one answer, hidden thoughts included


async def from_environment(environ: Mapping[str, str]) -> BaseChatModel | None:
    """The model that the environment names, or None where it names none.

    `OPENAI_API_KEY` or `OPENAI_BASE_URL` must be set; `PERFPILOT_MODEL` is the model's name.
    """
    key, url = environ.get("OPENAI_API_KEY", "").strip(), environ.get("OPENAI_BASE_URL", "").strip()
    if not key and not url:
        return None
    return await chat_model(environ.get("PERFPILOT_MODEL", "").strip() or DEFAULT_MODEL, url, key)


async def chat_model(
    name: str, base_url: str = "", api_key: str = "", *, timeout_s: float = TIMEOUT_S
) -> BaseChatModel:
    """A ChatOpenAI with a time-out, which it lacks by default, one retry, and a bound on the answer's size.

    The import takes 1.4 s, so it happens in a thread. Without a key `none` is sent: servers on one's own
    machine want none, but the client insists.
    """
    return await asyncio.to_thread(_build, name, base_url, api_key, timeout_s)


def _build(name: str, base_url: str, api_key: str, timeout_s: float) -> BaseChatModel:
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    return ChatOpenAI(
        model=name,
        base_url=base_url or None,
        api_key=SecretStr(api_key or "none"),
        timeout=timeout_s,
        max_retries=1,
        max_completion_tokens=_TOKEN_LIMIT,
        # The few calls of a run are minutes apart: no connection is kept that would outlive its event loop.
        default_headers={"Connection": "close"},
        http_async_client=_bounded_client(),
    )


def _bounded_client() -> Any:
    """OpenAI's own HTTP client (with its proxies), which gives up on an answer that is too long."""
    from openai import DefaultAsyncHttpxClient

    class BoundedClient(DefaultAsyncHttpxClient):
        async def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
            response = await super().send(request, stream=True, **options)
            if stream:
                return response
            try:
                body = b""
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > _ANSWER_LIMIT:
                        raise ValueError(f"an answer of more than {_ANSWER_LIMIT} bytes")
            finally:
                await response.aclose()
            unpacked = ("content-encoding", "content-length", "transfer-encoding")
            headers = [(k, v) for k, v in response.headers.multi_items() if k.lower() not in unpacked]
            return type(response)(response.status_code, headers=headers, content=body, request=request)

    return BoundedClient()
