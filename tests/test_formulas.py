"""Formulas as text: what they become, and what has no readable form."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.formulas import MAX_CHARS, MAX_NESTING, readable

READABLE = [
    # delimiters
    ("$x$", "x"),
    ("$$ x $$", "x"),
    (r"\( x \)", "x"),
    (r"\[ x \]", "x"),
    ("x", "x"),
    # scripts: Unicode's own if it has all of them
    (r"$\alpha_i$", "αᵢ"),
    ("$x_i^2$", "xᵢ²"),
    ("$x _i$", "xᵢ"),
    ("$a^{(t-1)}$", "a⁽ᵗ⁻¹⁾"),
    ("$x_{max}$", "xₘₐₓ"),
    ("$d_{model}$", "d_(model)"),
    ("$x_{i,j}$", "x_(i,j)"),
    ("$W_Q x$", "W_Q x"),
    ("$W_Qx$", "W_Q x"),
    ("$W_Q(x)$", "W_Q(x)"),
    ("$x_{(a,b)}$", "x_(a,b)"),
    ("$x_{(a)(b,c)}$", "x_((a)(b,c))"),
    ("$x_{i_j}$", "x_(iⱼ)"),
    ("$x^{y^2}$", "x^(y²)"),
    ("$^2$", "²"),
    (r"$x^*, A^\top, 90^\circ, f'$", "x∗, A⊤, 90°, f′"),
    (r"$x_\mathrm{abc}$", "x_(abc)"),
    (r"$x^\frac12$", "x^(1/2)"),
    (r"$\ell_{1}$", "ℓ₁"),
    # signs, with a space where TeX leaves one
    (r"$x\in\mathbb{R}$", "x ∈ ℝ"),
    (r"$\mathbb R^{n\times d}$", "ℝ^(n×d)"),
    ("$a=b$", "a = b"),
    ("$a:=b==c$", "a := b == c"),
    ("$a<b$", "a < b"),
    ("$<mask>$", "<mask>"),
    (r"$a\le b \to c$", "a ≤ b → c"),
    (r"$x\not=y \not\in z$", "x ≠ y ∉ z"),
    (r"$a\cdot b \cdot c$", "a·b · c"),
    ("$a-b*c$", "a−b∗c"),
    (r"$a \mid b \| c$", "a | b ‖ c"),
    (r"$\alpha x$", "αx"),
    (r"$50\% \pm 3$", "50% ± 3"),
    (r"$\left\{ a, b \right\}$", "{a, b}"),
    (r"$\left. a \right|_0$", "a|₀"),
    (r"$a\,b\quad c~d \! e$", "a b c d e"),
    # names and large operators
    (r"$2\log x$", "2 log x"),
    (r"$\log(x)\max_a b$", "log(x) maxₐ b"),
    (r"$\arg\min_\theta L$", "arg min_θ L"),
    (r"$\operatorname*{argmax}_i x_i$", "argmaxᵢ xᵢ"),
    (r"$\sum_{i=1}^{n}x_i$", "∑ᵢ₌₁ⁿ xᵢ"),
    (r"$\sum_i\sum_j$", "∑ᵢ ∑ⱼ"),
    (r"$\underset{x}{\min} y$", "minₓ y"),
    (r"$x \stackrel{a}{=} y$", "x =ᵃ y"),
    # fractions and roots
    (r"$\frac{a}{b}$", "a/b"),
    (r"$\frac12$", "1/2"),
    (r"$\frac{a+b}{2x}$", "(a+b)/(2x)"),
    (r"$\frac{\partial L}{\partial w}$", "∂L/∂w"),
    (r"$\frac{p(x)q(x)}{p(y)}$", "p(x)q(x)/p(y)"),
    (r"$\frac{1}{p(x)q(x)}$", "1/(p(x)q(x))"),
    (r"$\frac{1}{(a+b)(c)}$", "1/((a+b)(c))"),
    (r"$\frac{\frac{a}{b}}{c}$", "(a/b)/c"),
    (r"$\frac{|A|}{\|x\|_2^2}$", "|A|/‖x‖₂²"),
    (r"$2\frac{a}{b} + \frac{c}{d}x$", "2(a/b) + (c/d)x"),
    (r"$-\frac{a}{b} = \left(\frac{c}{d}\right)^2$", "−a/b = (c/d)²"),
    (r"${\frac{a}{b}}^2$", "(a/b)²"),
    (r"$\sqrt{d_k} + \sqrt{x+1} + \sqrt[3]{2x}$", "√dₖ + √(x+1) + ³√(2x)"),
    # letters
    (r"$\mathcal{L}, \mathfrak{A}, \mathbb{1}, \mathbf{x}$", "ℒ, 𝔄, 𝟙, 𝐱"),
    (r"$\mathbf{Loss}, \mathrm{self-made}, \mathit{x}$", "Loss, self-made, x"),
    (r"$\hat{x}, \bar x, \tilde{\theta}_t, \vec{v_i}, \hat{q_{i,j}}$", "x̂, x̄, θ̃ₜ, v⃗ᵢ, q̂_(i,j)"),
    (r"$\overline{AB}$", "A̅B̅"),
    (r"$x \text{ if } y_\text{돛}$", "x if y_돛"),
    (r"$1\text{e-}4$", "1e-4"),
    (r"$\textcolor{red}{x}, \boxed{y}, \underbrace{z}_{1}$", "x, y, z₁"),
    (r"$x\label{eq:one}\tag{7}$", "x (7)"),
    (
        r"$$\mathrm{KL}(q\|p) = -\frac{1}{N}\sum_{i=1}^{N}\log p_\theta(y_i\mid x_i)$$",
        "KL(q‖p) = −(1/N) ∑ᵢ₌₁ᴺ log p_θ(yᵢ | xᵢ)",
    ),
]


@pytest.mark.parametrize(("tex", "text"), READABLE)
def test_readable(tex: str, text: str) -> None:
    """A formula of one line reads as it would be drawn, as far as Unicode has the signs."""
    assert readable(tex) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    "tex",
    [
        "",
        "$",
        "$$",
        "$ $",
        "$$$$",
        "${}$",
        "$a$ and $b$",
        r"$\boats$",
        r"$\ref{x}$",
        r"$\today$",
        r"$\dddot x$",
        r"$\frac{a}{b$",
        "$a}b$",
        r"$\frac{a}$",
        r"$\frac{}{b}$",
        r"$\sqrt{}$",
        r"$\sqrt[q]{x}$",
        r"$\hat$",
        r"$\hat{}$",
        r"$\hat{abc}$",
        r"$\hat{=}$",
        "$x_$",
        "$x^_2$",
        r"$x_\boats$",
        r"$a \\ b$",
        "$a & b$",
        "$a # b$",
        "$a % b$",
        r"\(a \(b\)\)",
        r"$\text{a $b$}$",
        r"$\begin{matrix} a \end{matrix}$",
        r"$x^\begin{matrix} a \end{matrix}$",
        r"$\binom{n}{k}$",
        r"$\xrightarrow{f}$",
        r"$\verb|x|$",
        r"$\phantom{x}$",
        r"$\backslash$",
        "$a\x00b$",
        "$a\u202eb$",
        f"${'x' * (MAX_CHARS + 1)}$",
        "{" * (MAX_NESTING + 1) + "x" + "}" * (MAX_NESTING + 1),
        r"\hat " * (MAX_NESTING + 1) + "x",
        r"\frac a" * (MAX_NESTING + 1) + "x",
        r"\sqrt[3" * 80,
    ],
)
def test_not_readable(tex: str) -> None:
    """What is not known, not whole, not of one line or too deep has no readable form."""
    assert readable(tex) is None


def test_many_accents_are_not_deep() -> None:
    """Only arguments within each other count."""
    assert readable("+".join(r"\frac{\hat a}{\bar b}" for _ in range(20))) is not None
    assert readable(r"\alpha\beta\gamma" * 20) == "αβγ" * 20
    assert readable("{" * MAX_NESTING + "x" + "}" * MAX_NESTING) == "x"


LETTERS = st.sampled_from([*"abxyzKLQ0123789가나θ"])
COMMANDS = st.sampled_from(
    [
        *(r"\alpha", r"\in", r"\cdot", r"\,", r"\quad", r"\sum", r"\log", r"\left(", r"\right)", r"\{", r"\}", r"\%"),
        *("+", "-", "=", "<", ">", "(", ")", "|", "'", "*", ",", " ", "/", ":", "!", "~", "]", "["),
    ]
)


def commands_around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Build formulas with a part in an argument."""
    one = st.sampled_from(
        [
            *(
                r"\hat",
                r"\sqrt",
                r"\mathbb",
                r"\mathcal",
                r"\mathbf",
                r"\mathrm",
                r"\text",
                r"\overline",
                r"\operatorname",
            ),
            *("_", "^", "", r"\underbrace", r"\boxed", r"\bar"),
        ]
    )
    two = st.sampled_from([r"\frac", r"\dfrac", r"\underset", r"\stackrel"])
    return st.one_of(
        st.lists(inner, max_size=5).map("".join),
        st.builds("{}{{{}}}".format, one, inner),
        st.builds("{}{{{}}}{{{}}}".format, two, inner, inner),
        st.builds("{}_{{{}}}^{{{}}}".format, LETTERS, inner, inner),
    )


FORMULAS = st.recursive(LETTERS | COMMANDS, commands_around, max_leaves=25)


def letters_of(text: str) -> Counter[str]:
    return Counter(c for c in unicodedata.normalize("NFKD", text) if c.isalnum())


@given(tex=FORMULAS)
@example(tex=r"\frac{a}{b}")
def test_no_letter_is_lost(tex: str) -> None:
    """Each letter and digit of the source stands in the text, whatever it is within."""
    text = readable(tex)
    if text is None:
        return
    names = Counter("".join(re.findall(r"\\(log)", tex))) + Counter("α" * tex.count(r"\alpha"))
    assert letters_of(text) == letters_of(re.sub(r"\\[A-Za-z]+", "", tex)) + names
    assert text == " ".join(text.split())
    assert "\\" not in text


TEX = st.lists(
    st.one_of(
        st.text(max_size=3),
        st.sampled_from(r"\ { } $ _ ^ & # % ~ [ ] \\ \( \) \[ \begin{a} \end{a} \left \right . \frac \sqrt[".split()),
        st.sampled_from(r"\hat \text{ \mathbb{ \operatorname* \not \sum \verb| \item \input{ \'e \c".split()),
    ),
    max_size=40,
).map("".join)


@given(tex=TEX)
@example(tex="\\")
@example(tex="$\\$")
def test_anything_is_read_or_not(tex: str) -> None:
    """Nothing raises, and what is read is one printable line."""
    text = readable(tex)
    assert text is None or (text.isprintable() and text.strip() == text != "")
