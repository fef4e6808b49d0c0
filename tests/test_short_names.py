"""Labels and short names in the titles of posts, in the forms of many authors: made-up titles in four languages."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.models.feeds import Entry
from bot.reviews.parsing import parse_review
from bot.reviews.short_names import find_short_name
from bot.reviews.titles import read_title
from bot.text.labels import strip_labels

TEXT = (
    "BrothGAN seasons. BrothGAN. adapters Adapters Adapters Adapters prompt tuning Prompt Tuning Prompt Tuning. "
    "CBA CBA CBA. PyTorch PyTorch PyTorch. Docker Docker Docker Docker. MySQL MySQL. Python Python Python Python. "
    "deep learning Deep Learning. attention Attention. Soup soup. LLM LLM. BUGS, BUGS. 공지 공지 공지. BROTH-2 "
    "Seq2Seq BERT. SoupLens, SoupLens, SoupLens. Ladle pours, Ladle pours again, and Ladle rests."
)
"""It uses all words that are names, and those that are none, too."""


def name_of(title: str) -> str | None:
    facts = read_title(title)
    return find_short_name(facts, addresses=("https://shelf.example/1/",), text=f"{facts.clean_title}\n{TEXT}")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("BrothGAN - Learning to Season with Adversaries", "BrothGAN"),
        ("BrothGAN – Learning to Season with Adversaries", "BrothGAN"),
        ("BrothGAN — Learning to Season with Adversaries", "BrothGAN"),
        ("BrothGAN—Learning to Season with Adversaries", "BrothGAN"),
        ("BrothGAN | Learning to Season with Adversaries", "BrothGAN"),
        ("BrothGAN：对抗学习调味", "BrothGAN"),
        ("BrothGAN：敵対的学習で味付け", "BrothGAN"),
        ("BrothGAN (Learning to Season with Adversaries)", "BrothGAN"),
        ("BrothGAN(Learning to Season with Adversaries) 논문 리뷰", "BrothGAN"),
        ("Learning to Season with Adversaries (BrothGAN)", "BrothGAN"),
        ("BrothGAN-A New Way to Season", "BrothGAN"),
        ("BrothGAN -A New Way to Season", "BrothGAN"),
        ("BrothGAN; Learning to Season with Adversaries", "BrothGAN"),
        ("[논문 리뷰] BrothGAN - Learning to Season", "BrothGAN"),
        ("논문 리뷰 | BrothGAN: Learning to Season", "BrothGAN"),
        ("論文紹介：BrothGAN: Learning to Season", "BrothGAN"),
        ("【論文紹介】BrothGAN - Learning to Season", "BrothGAN"),
        ("论文笔记：BrothGAN - Learning to Season", "BrothGAN"),
        ("论文阅读《BrothGAN: Learning to Season》", "BrothGAN"),
        ("Paper Review: BrothGAN — Learning to Season", "BrothGAN"),
        ("BrothGAN 논문 설명(BrothGAN - Learning to Season)", "BrothGAN"),
        ("BrothGAN (ICLR 2024) - Learning to Season", "BrothGAN"),
        ("BrothGAN (ICLR 2024)", "BrothGAN"),
        ("BrothGAN 리뷰", "BrothGAN"),
        ("BrothGAN v2 - Learning to Season Twice", "BrothGAN v2"),
        ("BROTH-2 - Learning to Season Twice", "BROTH-2"),
        ("Seq2Seq - Soup to Nuts", "Seq2Seq"),
        ("BrothGAN: 간을 맞추는 생성 모델", "BrothGAN"),
        ("Improving Broth Understanding by Generative Stirring (BUGS)", "BUGS"),
        ("Souplens: an eye for broth", "SoupLens"),
        ("Ladle - Pouring Attention over Long Contexts", "Ladle"),
        ("12. BrothGAN: Learning to Season", "BrothGAN"),
        ("#7 BrothGAN", "BrothGAN"),
        ("[Day 5] Learning to Season with Adversaries (BrothGAN)", "BrothGAN"),
        ("[03] [BrothGAN] Learning to Season", "BrothGAN"),
        ("논문 3: BrothGAN - Learning to Season", "BrothGAN"),
        ("[논문 리뷰] 3. BrothGAN: Learning to Season", "BrothGAN"),
        ("第5回 BrothGAN：敵対的学習で味付け", "BrothGAN"),
        ("2031-04-05 Souplens: an eye for broth", "SoupLens"),
        ("Souplens: an eye for broth, by Quill, Brandt, and Li, ICML 2031", "SoupLens"),
        ("[2031] BrothGAN_ Learning to Season with Salt", "BrothGAN"),
        ("2031 BrothGAN: Learning to Season", "BrothGAN"),
        ("BrothGAN (2031)", "BrothGAN"),
        ("BrothGAN [Kor]", "BrothGAN"),
        ("BrothGAN  (English version)", "BrothGAN"),
        ("[한국어] BrothGAN: Learning to Season", "BrothGAN"),
        ("BrothGAN【中文】", "BrothGAN"),
        ("(BrothGAN) Learning to Season with Adversaries [Kor]", "BrothGAN"),
        ("Boiling UnderGround Soup (BUGS)", "BUGS"),
        ("Boiling UnderSoup(BUS) [Eng]", "BUS"),
        ("ICML 2031論文解説: BrothGAN — 敵対的学習で味付けをする方法", "BrothGAN"),
        ("CVPR 2031 논문 리뷰: BrothGAN - 간을 맞추는 생성 모델", "BrothGAN"),
        ("論文解説: Ladle — 長い文脈に注意を注ぐ仕組みの提案", "Ladle"),
    ],
)
def test_short_name_stands_in_any_form(title: str, name: str) -> None:
    """Before a colon, a dash, a bar or the title in brackets, before "-A", and in brackets behind the title."""
    assert name_of(title) == name


@pytest.mark.parametrize(
    "title",
    [
        "Adapters - a survey",
        "Adapters - A Survey of Methods",
        "Adapters (a survey of methods)",
        "Prompt Tuning: A Survey",
        "Prompt Tuning - A Comprehensive Survey",
        "Some Long Title about Soup (1)",
        "Some Long Title about Soup (feat. BrothGAN)",
        "Some Long Title about Soup (번역)",
        "Some Long Title about Soup (ICLR 2024)",
        "Some Long Title about Soup (NeurIPS'23)",
        "Some Long Title about Soup (ICLR)",
        "Some Long Title about Soup (arXiv)",
        "Some Long Title about Soup (PyTorch)",
        "Some Long Title about Soup (LLM)",
        "Some Long Title about Soup (2023-05)",
        "Some Long Title about Soup (KDD23)",
        "Some Long Title about Soup (CVPR24 Oral)",
        "Robust Soup with Contrastive Broth Alignment (CBA)",
        "A Study of Contrastive Broth Alignment (CBA)",
        "PyTorch - 텐서 만들기",
        "Docker - 설치하기",
        "MySQL - 인덱스 정리",
        "Python - List Comprehension and Generators",
        "CS231n - Lecture 3 Loss Functions and Optimization",
        "CS231n - Loss Functions and Optimization",
        "Deep Learning - Optimization Methods for Everyone",
        "NLP - Word Embeddings Explained",
        "GAN - Generative Models in Practice",
        "Beyond BrothGAN; Learning to Season",
        "2023 - A Year in Soup Research",
        "Part 2 - Learning to Season",
        "Week 3 - BrothGAN and Friends",
        "Encoder-Decoder Models for Soup",
        "Encoder–Decoder Approaches for Soup",
        "CNN–RNN Hybrid Models for Soup",
        "Vitamin-A Deficiency in Soup",
        "머신러닝을 위한 수학 정리: Vector Calculus",
        "공지: 블로그 이전 안내",
        "深度学习：反向传播",
        "機械学習：誤差逆伝播",
        "url: https://example.org/soup.pdf",
        "https://example.org/soup.pdf",
        "How to cook - BrothGAN in Practice",
        "NeurIPS 2023 - Best Papers of the Year",
        "NeurIPS - Best Papers of the Year",
        "ACL 2023 (Main Conference Papers I liked)",
        "BERT vs GPT - What is the Difference",
        "Soup (soup)",
        "LaTeX(MathJax) 수식 정리",
        "Understanding Soup (and Why It Matters for You)",
        "Attention (Neural Machine Translation by Jointly Seasoning)",
        "[Day 5] Soup",
        "[Paper 12] Learning to Season with Adversaries",
        "[논문 리뷰 #3] Soup",
        "AWS解説: 味付けのための新しい道具の紹介",
        "BROTH Labs技術ブログ解説: BrothGAN — 味付けの実装",
        "SOUP 정리: 국물과 간을 맞추는 모든 방법",
        "SOUP笔记：对抗学习调味",
        "Ladle — 長い文脈に注意を注ぐ仕組みの提案",
        "[Computer Vision] Learning to Season with Adversaries",
    ],
)
def test_what_is_no_name_is_none(title: str) -> None:
    """Subjects before "a survey", parts, dates, venues, tools, fields, courses, notes in brackets, other scripts."""
    assert name_of(title) is None


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("HERON 논문 설명(HERON - Hearing Rivers Over Noise)", "HERON - Hearing Rivers Over Noise"),
        ("HERON(Rivers Can Be Heard) 요약 설명", "HERON (Rivers Can Be Heard)"),
        ("HERON 리뷰: HERON - Hearing Rivers", "HERON - Hearing Rivers"),
        ("HERON-A Quiet Approach to Rivers에 대하여", "HERON-A Quiet Approach to Rivers"),
        ("Hearing Rivers에 대해서", "Hearing Rivers"),
        ("Hearing Rivers (HERON) review", "Hearing Rivers (HERON)"),
        ("HERON： Hearing Rivers 논문 리뷰", "HERON： Hearing Rivers"),
        ("HERON: Hearing Rivers | 논문 정리", "HERON: Hearing Rivers"),
        ("Hearing Rivers 이해하기", "Hearing Rivers"),
        ("강물 소리 설명", "강물 소리"),
        ("Hearing Rivers Review", "Hearing Rivers Review"),
        ("Hearing All Rivers Review", "Hearing All Rivers"),
        ("HERON [Paper Review]", "HERON"),
        ("Paper Review: HERON", "HERON"),
        ("논문 리뷰 - HERON", "HERON"),
        ("(논문리뷰) HERON", "HERON"),
        ("論文紹介：HERON: Hearing Rivers", "HERON: Hearing Rivers"),
        ("論文メモ HERON", "HERON"),
        ("HERON: Hearing Rivers を読んだ", "HERON: Hearing Rivers"),
        ("论文笔记《HERON: Hearing Rivers》", "HERON: Hearing Rivers"),
        ("论文阅读 | HERON", "HERON"),
        ("HERON [Korean]", "HERON"),
        ("(Kor) HERON: Hearing Rivers", "HERON: Hearing Rivers"),
        ("ICML 2031 논문 리뷰: HERON - 강물을 듣는 법", "HERON - 강물을 듣는 법"),
        ("NLP 2031論文解説: HERON", "NLP 2031論文解説: HERON"),
        ("HERON: Hearing Rivers 论文解读", "HERON: Hearing Rivers"),
        # What merely looks like a label stays.
        ("Hearing Rivers: A review", "Hearing Rivers: A review"),
        ("A Systematic Literature Review", "A Systematic Literature Review"),
        ("Towards Automated Code Review", "Towards Automated Code Review"),
        ("Paper review generation with rivers", "Paper review generation with rivers"),
        ("베이즈 정리", "베이즈 정리"),
        ("맛집 리뷰", "맛집 리뷰"),
        ("논문 리뷰", "논문 리뷰"),
        ("Review", "Review"),
        ("RISE: Rise and Shine", "RISE: Rise and Shine"),
    ],
)
def test_labels_come_off_a_title(title: str, clean: str) -> None:
    """In front and behind, in four languages, and the name that stands twice stands once."""
    assert read_title(title).clean_title == clean


WORDS = st.sampled_from(
    "HERON Soup soup 논문 리뷰 설명 review Review Paper : - – — | ( ) [ ] （ ） 《 》 論文紹介 论文笔记 ： A The (1) "
    "[ICLR2024] 에대하여 강물 2023 , ? https://x.example/1 \u200b \u0301".split(" ")
)
TITLES = st.one_of(
    st.text(max_size=80), st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS, max_size=12).map("".join)
)


@given(title=TITLES)
def test_taking_a_title_apart_keeps_a_title(title: str) -> None:
    """It never raises, leaves something of what says something, and adds nothing but brackets around a title."""
    clean, _ = strip_labels(title)
    assert any(map(str.isalnum, clean)) == any(map(str.isalnum, title))
    assert set(clean) <= {*title, " ", "(", ")"}
    assert read_title(title).clean_title or not any(map(str.isalnum, title)) or "[" in title or "【" in title


@given(title=TITLES, text=st.one_of(st.just(TEXT), st.text(max_size=200)))
@example(title="[0 0 A]", text=TEXT)
@example(title="[Soups Of The DAY] Some Broth", text=TEXT)
def test_name_is_a_part_of_title_or_text(title: str, text: str) -> None:
    """Whatever is called the name stands in the title or the text, and is one or two words."""
    review = parse_review(
        Entry(
            guid="g", link="https://shelf.example/1/", title=title, html=f"<p>{text}</p>" if "<" not in text else ""
        )
    )
    name = review.short_name
    assert review.clean_title
    if name is not None:
        written = "\n".join((review.title, review.clean_title, *(section.text for section in review.sections)))
        assert " ".join(name.split()) in " ".join(written.split())
        assert 0 < len(name.split()) <= 2


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://shelf.example/2DKS_2D%20Kettle%20Steaming%20for%20Kitchens/paper.html", "2DKS"),
        ("https://shelf.example/KeLt/index.html", "KeLt"),
        ("https://code.example/KITCHEN_with_kettles", None),
        ("https://shelf.example/paper.html", None),
    ],
)
def test_an_address_names_a_paper_before_its_title_or_in_the_folder(address: str, name: str | None) -> None:
    """Not by the first of any words: KITCHEN is no name because a file begins so."""
    title = "2D Kettle Steaming for Kitchens"
    text = f"{title}\n2DKS is fast. KeLt is slow. The KITCHEN is hot."
    assert find_short_name(read_title(title), addresses=(address,), text=text) == name


@pytest.mark.parametrize("title", ["Issue 12: Boats at Sea", "Day 3: Boats at Sea", "Week 2: Boats and Sails"])
def test_a_number_of_a_series_is_no_name(title: str) -> None:
    assert find_short_name(read_title(title), addresses=(), text=f"{title}\n{title}\n{title}") is None


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("BrothGAN - 국물로 맛을 재는 모델", "BrothGAN"),
        ("조용한 국물: Learning From Broths That Nobody Wrote (BrothGAN)", "BrothGAN"),
        ("PyTorch - 처음부터 끝까지 설치하기", None),
    ],
)
def test_a_marked_name_stands_before_a_title_in_another_script_or_behind_a_translated_one(
    title: str, name: str | None
) -> None:
    """Not before a few words on how something is used."""
    assert name_of(title) == name


def test_an_address_adds_nothing_to_the_word_before_the_colon() -> None:
    """The code of Kettle lies in KettleRM."""
    title = "Kettle: A Practical Recipe for Building Warm Pots"
    text = f"{title}\nKettleRM boils. KettleRM and KettleBench."
    assert find_short_name(read_title(title), addresses=("https://code.example/KettleRM",), text=text) == "Kettle"


def test_brackets_within_brackets_are_counted_not_tried() -> None:
    """Hundreds of them took seconds each; the outer pair at a title's end still holds the title."""
    for title in ("Foo " + "(" * 20_000 + ")" * 20_000 + "x", "Foo " + "(" * 20_000 + ")" * 20_000):
        name_of(title)
    assert name_of("BrothGAN (Learning to Season (Well) with Adversaries)") == "BrothGAN"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        # what stands behind a title is made of its letters, or has capitals within: nothing else need say it
        ("Careful Oven Management in Two Homes (COMTH)", "COMTH"),
        ("Careful Oven Management in Two Homes(COMTH).md", "COMTH"),
        ("Careful Oven Management in Two Homes - COMTH", "COMTH"),
        ("Careful Oven Management in Two Homes--COMTH", "COMTH"),
        ("Careful Oven Management in Two Homes | OvenBERT", "OvenBERT"),
        ("[논문리뷰] Careful Oven Management in Two Homes（OvenBERT）", "OvenBERT"),
        ("Careful Oven Management in Two Homes (WXQZ)", None),
        ("Careful Oven Management in Two Homes - WXQZ", None),
        ("Careful Oven Management in Two Homes (KAIST)", None),
        ("Careful Oven Management in Two Homes - CVPR", None),
        ("Careful Oven Management for Gas Stove Users (GSU)", None),
        # before an apposition
        ("OvenBERT, a quick version of warm bread: smaller, faster", "OvenBERT"),
        ("OvenBERT, The Oven of the Year", "OvenBERT"),
        ("OvenBERT, Bread and Butter", None),
        # a note of a series behind it
        ("quick O-VEN(pr012)", "Quick O-VEN"),
        ("quick O-VEN (1)", "Quick O-VEN"),
        ("about OVENS (pr012)", None),
        # words before a colon that the text writes as one, or in capitals
        ("Oven rm -k: Efficient Networks for Warm Bread", "OvenRM-K"),
        ("[烹饪] Oven rm -k: Efficient Networks for Warm Bread 阅读笔记", "OvenRM-K"),
        ("Oven in a box: Efficient Networks for Warm Bread", None),
        ("Breadways: Asynchronous Baking for Many", "Breadways"),
    ],
)
def test_names_that_say_by_themselves_whose_they_are(title: str, name: str | None) -> None:
    """A title's end, an apposition, a note of a series, and words that the text joins or writes in capitals."""
    facts = read_title(title)
    text = "Quick O-VEN bakes. Quick O-VEN rests. OvenRM-K is warm, and OvenRM-K is quick. BREADWAYS runs on ovens."
    assert find_short_name(facts, addresses=(), text=f"{facts.clean_title}\n{text}") == name


def test_an_address_gives_a_name_only_where_the_text_marks_one() -> None:
    """The folder GasStoves of a page is no name where the text has the words “Gas Stoves”."""
    title = "Careful Baking Using Old Ranges"
    address = "https://shelf.example/GasStoves/summary.html"
    assert find_short_name(read_title(title), addresses=(address,), text=f"{title}\nGas Stoves are warm.") is None
    assert (
        find_short_name(read_title(title), addresses=(address,), text=f"{title}\nGasStoves is warm.") == "GasStoves"
    )


# ── a name behind a label ───────────────────────────────────────────────────────────────────────


def called(*lines: str) -> str | None:
    items = "".join(f"<li>{line}</li>" for line in lines)
    html = f"<ul>{items}</ul><h2>Intro</h2><p>Broth is seasoned by night.</p>"
    return parse_review(
        Entry(guid="1", link="https://shelf.example/1/", title="Seasoning Broth by Night", html=html)
    ).short_name


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Short name: SNUG", "SNUG"),
        ("<b>모델명</b>: SNUG-2", "SNUG-2"),
        ("약칭: “SNUG”", "SNUG"),
        ("简称：SNUG", "SNUG"),
        ("手法名：SNUG", "SNUG"),
        ("Short name: N/A", None),
        ("Short name:", None),
        ("Short name: none is given in the paper", None),
        ("Method name: A; B", None),
    ],
)
def test_a_label_gives_the_short_name(line: str, name: str | None) -> None:
    assert called("Title: Seasoning Broth by Night", line, "Year: 2031") == name


def test_a_label_of_a_list_on_something_else_gives_no_name() -> None:
    """The table of a training run has a model's name, and no title, authors or venue."""
    assert called("Model name: BERT-base", "Epochs: 3") is None


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        ("Training Harbour Lights on a Budget (Kettle)", "Kettle은 작다. Kettle을 쓴다. Kettle이다.", "Kettle"),
        ("Training Harbour Lights on a Budget (Kettle)", "a kettle, the kettle, Kettle, Kettle", None),
        ("Training Harbour Lights on a Budget (Google)", "Google이다. Google이다. Google이다.", None),
        ("Sliding Ropes over Long Piers (Kettle 7B)", "Kettle 7B는 작다. Kettle 7B. Kettle 7B.", "Kettle 7B"),
        ("Sliding Ropes over Long Piers (Kettle 7B)", "Kettle 7B는 작다.", None),
        ("Sliding Ropes over Long Piers (Kettle 7B)", "문장. " * 400 + "Kettle 7B. " * 5, None),
        *(
            (f"Sliding Ropes over Long Piers ({counted})", f"{counted}. " * 5, None)
            for counted in ("Part 2", "Figure 3", "Table 2", "Python 3", "Web 2.0", "Chapter 3.2", "Lecture 3a")
        ),
        ("Ropes Are All You Need: Owl-1", "Owl-1은 작다. " * 5, None),
        ("owl2vec 리뷰", "owl2vec은 좋다.", "owl2vec"),
    ],
)
def test_a_name_with_one_capital_or_a_number_at_a_titles_end(title: str, text: str, name: str | None) -> None:
    """It may be anything: the text has to use it from its opening on."""
    assert find_short_name(read_title(title), addresses=(), text=f"{title}\n{text}") == name


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("OwlNet_ Night Vision for Low Boats", "OwlNet: Night Vision for Low Boats"),
        ("Is Soup Better_ The Effects of Salt", "Is Soup Better: The Effects of Salt"),
        ("묽은 국_ 소금의 세 가지 효과", "묽은 국: 소금의 세 가지 효과"),
        ("_Broth_ explained to all cooks", "_Broth_ explained to all cooks"),
        ("__init__ of all the boats", "__init__ of all the boats"),
        ("boat_ yard", "boat_ yard"),
        ("snake_case for all boats", "snake_case for all boats"),
    ],
)
def test_a_file_name_gets_back_its_colon(title: str, clean: str) -> None:
    assert read_title(title).clean_title == clean


@pytest.mark.parametrize("title", ["NLP (2031)", "CVPR (2031)", "[2031] GAN", "2031 GNN Recap: what happened to all"])
def test_a_field_with_a_year_is_no_name(title: str) -> None:
    assert find_short_name(read_title(title), addresses=(), text=title) is None


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Potformer: Self-Attention in Thick Soup", "Potformer"),
        ("Ladlenet: Pouring with Few Layers", "Ladlenet"),
        ("Transformer: The Architecture of Soup", None),
        ("Internet: Networks of Many Kitchens", None),
        ("Potformer: 간을 맞추는 모델", None),
        ("Seasoning: Self-Attention in Thick Soup", None),
        ("former: Self-Attention in Thick Soup", None),
    ],
)
def test_a_word_made_like_a_models_name_needs_no_use(title: str, name: str | None) -> None:
    assert find_short_name(read_title(title), addresses=(), text=title) == name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("KettleVL 1.5", "KettleVL 1.5"),
        ("KettleVL 2", "KettleVL 2"),
        ("KettleVL v3", "KettleVL v3"),
        ("KETL-VL-10B Technical Report", "KETL-VL-10B"),
        ("KettleVL 2.5 Technical Report", "KettleVL 2.5"),
        ("Kettle-4-Mini Technical Report: Compact yet Powerful Pots", "Kettle-4-Mini"),
        ("KETL-4 System Card", "KETL-4"),
        ("CVPR 2031", None),
        ("GAN 2", None),
        ("Kettle 2", "KettleVL"),
        ("GAN Technical Report", None),
        ("The Technical Report", None),
        ("Writing a Technical Report", None),
        ("How to Read the KETL Technical Report", None),
    ],
)
def test_a_version_or_a_report_stands_behind_a_name(title: str, name: str | None) -> None:
    """A repository has the name without the version, which is another paper's."""
    addresses = ("https://github.com/pots/KettleVL",) if "ettle" in title and title != "KettleVL" else ()
    text = f"{title}\nKettleVL 1.5 follows KettleVL"
    assert find_short_name(read_title(title), addresses=addresses, text=text) == name


def entry(html: str, title: str = "Tasting the Broth of Tall Pots", page: str = "tasting") -> Entry:
    link = f"https://shelf.example/notes/{page}.html"
    return Entry(guid=link, link=link, title=title, html=html)


AUTHORS = "<p><b>Authors</b>: Ada Quill, Bo Lindqvist</p>"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("<b>Algorithm</b>: <b>KETL</b>", "KETL"),
        ("Algorithm: KETL.", "KETL"),
        ("Method: Double KETL", "Double KETL"),
        ("Method: Kettle Tasting (KeT)", "KeT"),
        ("알고리즘: KeTL2", "KeTL2"),
        ("제안 모델: KeTL", "KeTL"),
        ("手法：KeTL", "KeTL"),
        ("方法：KeTL", "KeTL"),
        ("Model: KETL", None),
        ("Algorithm: Kettle", None),
        ("Algorithm: KETL and POTS", None),
        ("Algorithm: KETL, POTS", None),
        ("Algorithm: GAN", None),
        ("Algorithm: PPO", None),
        ("Method: LoRA", None),
        ("Method: we taste the KETL twice", None),
        ("Method: ICLR", None),
        ("Algorithm: KETL</p><p>Dataset: Soups-1M", None),
        ("Algorithm: KETL</p><p>환경: Kitchen", None),
        ("Algorithm: KETL</p><p>Method: POTS", None),
    ],
)
def test_a_label_for_the_method_gives_a_name_beside_the_authors(label: str, name: str | None) -> None:
    assert parse_review(entry(f"{AUTHORS}<p>{label}</p><h2>Notes</h2><p>Salt.</p>")).short_name == name


@pytest.mark.parametrize("html", ["<p>Algorithm: KETL</p>", f"{AUTHORS}<h2>Setup</h2><p>Algorithm: KETL</p>"])
def test_such_a_label_alone_or_below_a_heading_gives_no_name(html: str) -> None:
    assert parse_review(entry(html)).short_name is None


@pytest.mark.parametrize(
    ("title", "method", "name"),
    [
        ("SoupNet: Tasting the Broth of Tall Pots", "KETL", "SoupNet"),
        ("SoupNet: Tasting the Broth of Tall Pots", "SoupNet DQ", "SoupNet"),
        ("Slow Pot-Stirrer: Tasting the Broth", "SPS", "SPS"),
    ],
)
def test_a_title_with_a_name_needs_no_label_unless_that_has_its_initials(title: str, method: str, name: str) -> None:
    html = f"{AUTHORS}<p>Algorithm: {method}</p><p>Slow Pot-Stirrer. SoupNet.</p>"
    assert parse_review(entry(html, title)).short_name == name


@pytest.mark.parametrize(
    ("title", "page", "name"),
    [
        ("Ladle: Pouring with Few Layers", "ladle", "Ladle"),
        ("Slow Ladle: Pouring with Few Layers", "slow-ladle", "Slow Ladle"),
        ("Ladle: Pouring with Few Layers", "2031-ladle-pouring-with-few-layers", None),
        ("Notes: Pouring with Few Layers", "notes", None),
        ("Ladle: a survey", "ladle", None),
        ("Ladle: Part 2", "ladle", None),
        ("Google: Pouring with Few Layers", "google", None),
        ("Beyond Ladles: Pouring with Few Layers", "beyond-ladles", None),
        ("ladle: 국자로 붓기", "ladle", None),
        ("Pouring with Few Layers on LadleOS", "ladle-os", "LadleOS"),
        ("Searching for LadleV3", "ladlev3", "LadleV3"),
        ("Pouring with the LADLING Cup", "ladling", "LADLING"),
        ("Pouring with the LADL Cup", "ladl", None),
        ("Two-Cup Pouring with Few Layers", "two-cup", None),
        ("Pouring with Few Layers on LadleOS", "few-layers", None),
        ("POURING WITH FEW LAYERS", "pouring", None),
        ("Sparks of Soup in GAN", "gan", None),
    ],
)
def test_the_name_of_a_page_confirms_a_name_in_the_title(title: str, page: str, name: str | None) -> None:
    assert parse_review(entry("<p>We pour.</p>", title, page)).short_name == name


def test_the_address_of_later_words_of_the_title_is_no_name() -> None:
    html = "<p>Copper Pots shine. Copper Pots shine.</p>"
    assert parse_review(entry(html, "Washing Copper Pots", "Copper-Pots")).short_name is None


def test_a_company_or_a_phrase_before_a_colon_is_no_name() -> None:
    for head in ("Pinterest", "Beyond Soup", "Rethinking Soup"):
        assert parse_review(entry(f"<p>{head} pours. {head} cools.</p>", f"{head}: Cooler Pots")).short_name is None
    assert parse_review(entry("<p>Soup.</p>", "Beyond KettleNet: Cooler Pots")).short_name == "Beyond KettleNet"


def test_a_count_that_begins_with_a_zero_is_no_part_of_a_name() -> None:
    assert read_title("068 RoB^2: Stirring Twice").paper_title == "RoB^2: Stirring Twice"
    assert read_title("068 Boats").clean_title == "068 Boats"
    assert read_title("0-shot Boats").paper_title == "0-shot Boats"
