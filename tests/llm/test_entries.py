import pytest

from assistant.llm.entries import Entry, entry_of, refuse_cut_keys, shown

OWN = "https://models.example/v1"


@pytest.mark.parametrize(
    ("written", "name", "address", "key"),
    [
        ("small", "small", OWN, "secret"),
        ("@cf/meta/llama-3", "@cf/meta/llama-3", OWN, "secret"),
        ("org/model@2024", "org/model@2024", OWN, "secret"),
        ("small@https://models.example/other", "small", "https://models.example/other", "secret"),
        ("small@https://models.example:443/v1", "small", "https://models.example:443/v1", "secret"),
        ("small@https://other.example/v1", "small", "https://other.example/v1", ""),
        ("small@http://models.example/v1", "small", "http://models.example/v1", ""),
        ("small@https://models.example:8443/v1", "small", "https://models.example:8443/v1", ""),
        ("small@https://models.example.evil.example/v1", "small", "https://models.example.evil.example/v1", ""),
        ("small@https://sk-1%2F2@other.example/v1", "small", "https://other.example/v1", "sk-1/2"),
        ("@cf/llama@2@https://:sk@other.example:81/v1", "@cf/llama@2", "https://other.example:81/v1", "sk"),
    ],
)
def test_a_key_goes_to_its_own_server_alone(written, name, address, key):
    assert entry_of(written, OWN, "secret") == Entry(name, address, key)
    assert "sk" not in shown(written)
    assert "secret" not in repr(entry_of(written, OWN, "secret"))
    assert shown(written).startswith(name)


def test_openai_is_meant_where_no_address_is():
    assert entry_of("small@https://api.openai.com/v1", "", "secret").api_key == "secret"
    assert entry_of("small@https://other.example/v1", "", "secret").api_key == ""
    assert entry_of("small", "", "secret").provider == "api.openai.com"


@pytest.mark.parametrize("key", ["gsk#1", "gsk?1", "gsk/1", "gsk:x/1", "gsk[1", ":gsk#@1"])
def test_a_key_that_would_be_cut_is_refused_and_not_told(key):
    with pytest.raises(ValueError, match=r"LLM_FALLBACK_MODELS holds an address of small .*percent-encode") as refused:
        refuse_cut_keys(
            "LLM_FALLBACK_MODELS", ["", "other@https://sk%23@models.example/v1", f"small@https://{key}@h/v1"]
        )
    assert "gsk" not in str(refused.value)
    assert refused.value.__cause__ is refused.value.__context__ is None
