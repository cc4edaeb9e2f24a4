import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from adapters._http_settings import BaseUrl, Contact, Token


class Some(BaseModel):
    base_url: BaseUrl = "https://huggingface.co"
    token: Token | None = None
    contact: Contact = ""


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://huggingface.co", "https://huggingface.co"),
        ("https://huggingface.co/", "https://huggingface.co"),
        ("http://127.0.0.1:8080/mirror/", "http://127.0.0.1:8080/mirror"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_base_url_loses_its_last_slash(given: str, kept: str) -> None:
    assert Some(base_url=given).base_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "huggingface.co",
        "ftp://huggingface.co",
        "file:///etc/passwd",
        "https://",
        "https://me:secret@huggingface.co",
        "https://huggingface.co?key=secret",
        "https://huggingface.co#secret",
        "https://huggingface.co:99999",
        "https://hugging\x00face.co/secret",
    ],
)
def test_what_is_no_plain_web_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Some(base_url=url)
    (problem,) = caught.value.errors(include_input=False, include_context=False)
    assert problem["loc"] == ("base_url",)
    assert "secret" not in problem["msg"]


def test_a_token_is_trimmed_and_never_shown() -> None:
    settings = Some(token=SecretStr(" hf_secret\n"))
    assert settings.token
    assert settings.token.get_secret_value() == "hf_secret"
    assert "hf_secret" not in repr(settings)


@pytest.mark.parametrize("token", ["hf_a b", "hf_a\r\nX-Evil: 1", "hf_ä", "hf_\x00"])
def test_a_token_that_would_break_a_header_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Some(token=SecretStr(token))
    assert "hf_" not in str(caught.value)


@pytest.mark.parametrize("contact", ["ä", "me\r\nX-Evil: 1", "x" * 201])
def test_a_contact_that_would_break_a_header_is_refused(contact: str) -> None:
    with pytest.raises(ValidationError):
        Some(contact=contact)


def test_a_contact_is_an_address_as_people_write_it() -> None:
    assert Some(contact="mailto:papers@example.org").contact == "mailto:papers@example.org"
