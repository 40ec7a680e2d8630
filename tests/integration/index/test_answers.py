"""What an index process answers is true of the files and buffers as they are."""

from __future__ import annotations

import pytest

from integration.index.harness import SHOP, WAIT_S, a_shop, question, write
from lanyard_analyzers.languages import language_of
from lanyard_server.index.messages import AskContext, Change, Changed, Closed, Opened, Patterns, Touched


@pytest.fixture
def root(tmp_path):
    write(tmp_path / "w", SHOP)
    return tmp_path / "w"


@pytest.fixture
async def shop(root, tmp_path):
    async with a_shop(root, tmp_path / "cache") as running:
        yield running


async def test_a_slice_shows_what_the_target_calls(shop):
    made = await shop.sliced()
    assert "def add(self, price: int, count: int = 1)" in made.text
    assert "def in_euros(cents: int)" in made.text
    assert {piece.path for piece in made.pieces} == {"app.py", "shop/cart.py", "shop/money.py"}


async def test_an_edited_file_shows_at_once(shop, root):
    await shop.ready()
    assert "in_euros(cents" in (await shop.sliced()).text
    (root / "shop/money.py").write_text("\n\ndef in_euros(amount: int, sign: str) -> str:\n    return sign\n")
    text = (await shop.sliced()).text
    assert "in_euros(amount: int, sign: str)" in text
    assert "cents" not in text


async def test_a_deleted_file_is_gone_at_once(shop, root):
    await shop.ready()
    assert "in_euros(cents" in (await shop.sliced()).text
    (root / "shop/money.py").unlink()
    assert "cents" not in (await shop.sliced()).text


async def test_a_renamed_file_shows_under_its_new_name(shop, root):
    await shop.ready()
    (root / "shop/money.py").rename(root / "shop/coins.py")
    shop.client.tell(Touched(("shop/money.py", "shop/coins.py")))
    content = SHOP["app.py"].replace("shop.money", "shop.coins")
    made = await shop.slice(content)
    assert {"shop/coins.py"} < {piece.path for piece in made.pieces}
    assert "shop/money.py" not in made.text


async def test_a_renamed_folder_shows_under_its_new_name(shop, root):
    await shop.ready()
    (root / "shop").rename(root / "store")
    shop.client.tell(Touched(("shop", "store")))
    content = SHOP["app.py"].replace("shop.", "store.")
    made = await shop.slice(content)
    assert {piece.path for piece in made.pieces} == {"app.py", "store/cart.py", "store/money.py"}


@pytest.mark.parametrize("rules", [".gitignore", ".lanyardignore"])
async def test_a_file_that_is_ignored_from_now_on_does_not_show(shop, root, rules):
    await shop.ready()
    assert "in_euros(cents" in (await shop.sliced()).text
    (root / rules).write_text("money.py\n")
    text = (await shop.sliced()).text
    assert "cents" not in text
    assert "class Cart" in text
    (root / rules).write_text("# money.py\n")
    shop.client.tell(Touched((rules,)))
    await shop.until(lambda made: "in_euros(cents" in made.text)


async def test_the_users_own_patterns_count_and_may_change(root, tmp_path):
    async with a_shop(root, tmp_path / "cache", ignore=("money.py",)) as shop:
        assert "cents" not in (await shop.sliced()).text
        shop.client.tell(Patterns(("cart.py",)))
        assert "class Cart" not in (await shop.sliced()).text
        await shop.until(lambda made: "in_euros(cents" in made.text)


async def test_an_ignored_file_that_is_open_does_not_show(root, tmp_path):
    (root / ".gitignore").write_text("money.py\n")
    buffer = Opened("shop/money.py", "python", 1, SHOP["shop/money.py"])
    async with a_shop(root, tmp_path / "cache", opened=[buffer]) as shop:
        await shop.ready()
        assert "cents" not in (await shop.sliced()).text


async def test_a_buffer_counts_in_place_of_its_file_until_it_is_closed(shop):
    await shop.alive()
    content = SHOP["shop/money.py"]
    shop.client.tell(Opened("shop/money.py", "python", 1, content))
    at = content.index("cents")
    shop.client.tell(Changed("shop/money.py", 1, 2, len(content) + 3, (Change(at, at + 5, "centimes"),)))
    assert "in_euros(centimes: int)" in (await shop.sliced()).text
    shop.client.tell(Closed("shop/money.py"))
    assert "in_euros(cents: int)" in (await shop.sliced()).text
    assert not shop.lost


@pytest.mark.parametrize(
    "changed",
    [
        Changed("shop/money.py", 7, 8, 1, (Change(0, 0, "x"),)),
        Changed("shop/money.py", 1, 2, 5, (Change(0, 0, "x"),)),
        Changed("shop/money.py", 1, 2, 5, (Change(900, 901, "x"),)),
        Changed("never/opened.py", 1, 2, 5, ()),
    ],
    ids=["version", "size", "place", "unknown"],
)
async def test_edits_that_do_not_fit_are_asked_for_again(shop, changed):
    await shop.alive()
    shop.client.tell(Opened("shop/money.py", "python", 1, SHOP["shop/money.py"]))
    shop.client.tell(changed)
    await shop.ready()
    assert shop.lost == [changed.path]


async def test_a_target_that_is_ignored_itself_is_refused_in_words(shop, root):
    (root / ".gitignore").write_text("app.py\n")
    found = await shop.client.slice(question(SHOP["app.py"]), WAIT_S) if await shop.ready() else None
    assert found is not None
    assert not found.slice.text
    assert "excluded by .gitignore" in found.problems[0].message


async def test_secrets_come_as_placeholders(shop, root):
    secret = "ghp_" + "k3J9x2Lq8Zr5Vt1Wb7Yc4Nd6Mf0Pg2Hs5RaB"
    (root / "shop/money.py").write_text(f'def in_euros(cents: int, token: str = "{secret}"):\n    ...\n')
    made = await shop.sliced()
    assert secret not in made.text
    assert secret in made.redactions.originals.values()


async def test_the_context_of_a_completion_is_of_other_files(shop, root):
    await shop.alive()
    content = SHOP["app.py"]
    shop.client.tell(Opened("app.py", "python", 3, content))
    asked = AskContext(0, "app.py", 3, content.index("cart.add") + 5, 384)
    found = await shop.client.context(asked, WAIT_S)
    assert found is not None
    assert {piece.path for piece in found.pieces} == {"shop/cart.py", "shop/money.py"}
    assert any("def add(" in piece.text for piece in found.pieces)
    assert (found.first_line, found.last_line) == (4, 7)


async def test_the_context_stays_as_it_is_from_key_to_key(shop):
    await shop.alive()
    content, version = SHOP["app.py"], 1
    shop.client.tell(Opened("app.py", "python", version, content))
    given = []
    for letter in "\n    cart.ad":
        given.append(await shop.client.context(AskContext(0, "app.py", version, len(content) - 1, 384), WAIT_S))
        key = Change(len(content) - 1, len(content) - 1, letter)
        shop.client.tell(Changed("app.py", version, version + 1, len(content) + 1, (key,)))
        content, version = content[:-1] + letter + content[-1:], version + 1
    assert given[0] is not None
    assert all(one is not None and one.pieces == given[0].pieces for one in given)


async def test_the_context_follows_the_files_that_it_shows(shop, root):
    await shop.ready()
    content = SHOP["app.py"]
    shop.client.tell(Opened("app.py", "python", 1, content))
    asked = AskContext(0, "app.py", 1, len(content) - 1, 384)
    before = await shop.client.context(asked, WAIT_S)
    (root / "shop/cart.py").write_text(SHOP["shop/cart.py"].replace("price: int", "price: float"))
    after = await shop.client.context(asked, WAIT_S)
    assert before is not None
    assert after is not None
    assert any("price: int" in piece.text for piece in before.pieces)
    assert any("price: float" in piece.text for piece in after.pieces)
    (root / "shop/cart.py").unlink()
    gone = await shop.client.context(asked, WAIT_S)
    assert gone is not None
    assert {piece.path for piece in gone.pieces} == {"shop/money.py"}


async def test_a_context_for_another_version_is_none(shop):
    await shop.alive()
    shop.client.tell(Opened("app.py", "python", 3, SHOP["app.py"]))
    assert await shop.client.context(AskContext(0, "app.py", 2, 10, 384), WAIT_S) is None


async def test_a_language_that_is_not_ours_has_no_slice(shop):
    await shop.alive()
    asked = question(SHOP["app.py"])
    import msgspec

    assert language_of("cobol", "a.cbl") is None
    assert await shop.client.slice(msgspec.structs.replace(asked, language="cobol"), WAIT_S) is None


async def test_half_a_character_in_a_question_is_no_answer_and_no_harm(shop):
    await shop.alive()
    import msgspec

    asked = msgspec.structs.replace(question(SHOP["app.py"]), instruction="\ud800")
    assert await shop.client.slice(asked, WAIT_S) is None
    assert await shop.sliced()
