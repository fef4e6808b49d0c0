"""The page around the messages: Discord's dark theme for a phone and for a desktop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["DESKTOP", "PHONE", "Viewport", "render_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewport:
    """A screen: its width in CSS pixels, and how many of the picture's pixels make one of them."""

    name: str
    width_px: int
    scale: int


PHONE = Viewport(name="phone", width_px=390, scale=2)
DESKTOP = Viewport(name="desktop", width_px=720, scale=1)

_STYLE = """
* { box-sizing: border-box; margin: 0; padding: 0; }
body { background: #313338; color: #dbdee1; font: 400 16px/22px "gg sans", "Noto Sans", "Noto Sans CJK KR",
  "Noto Sans KR", "Helvetica Neue", Arial, "Noto Color Emoji", sans-serif; padding: 16px 0; word-wrap: break-word; }
a { color: #00a8fc; text-decoration: none; overflow-wrap: anywhere; }
.message { position: relative; padding: 4px 48px 8px 72px; }
.message.ephemeral { background: rgba(88, 101, 242, .05); }
.used { font-size: 14px; line-height: 18px; color: #b5bac1; position: relative; margin-bottom: 4px; }
.used::before { content: ""; position: absolute; left: -37px; top: 9px; width: 32px; height: 12px;
  border: solid #4e5058; border-width: 2px 0 0 2px; border-top-left-radius: 6px; }
.used b { font-weight: 500; color: #f2f3f5; }
.used i { font-style: normal; color: #00a8fc; }
.avatar { position: absolute; left: 16px; width: 40px; height: 40px; border-radius: 50%; background: #5865f2;
  color: #fff; font-weight: 700; line-height: 40px; text-align: center; }
.author { line-height: 22px; }
.author b { font-weight: 500; color: #f2f3f5; }
.app { background: #5865f2; color: #fff; font-size: 10px; line-height: 15px; border-radius: 4px; padding: 0 4px;
  margin-left: 4px; vertical-align: 1.5px; display: inline-block; }
time { font-size: 12px; color: #949ba4; margin-left: 8px; }
.only-you { font-size: 12px; line-height: 16px; color: #949ba4; margin-top: 4px; }

.markup { white-space: pre-wrap; overflow-wrap: anywhere; word-break: normal; }
.markup h1, .markup h2, .markup h3 { color: #f2f3f5; font-weight: 700; line-height: 1.375em; margin: 16px 0 8px; }
.markup h1 { font-size: 24px; } .markup h2 { font-size: 20px; } .markup h3 { font-size: 16px; }
.markup > h1:first-child, .markup > h2:first-child, .markup > h3:first-child { margin-top: 8px; }
.text > h1:first-child, .text > h2:first-child, .text > h3:first-child { margin-top: 0; }
.text > h1:last-child, .text > h2:last-child, .text > h3:last-child { margin-bottom: 0; }
.markup .subtext { font-size: 13px; line-height: 18px; color: #949ba4; }
.markup ul, .markup ol { margin: 4px 0 0 16px; white-space: normal; }
.markup ol { margin-left: 24px; }
.markup li { margin-bottom: 4px; white-space: break-spaces; }
.markup strong { font-weight: 700; }
.markup blockquote { position: relative; padding: 0 8px 0 16px; }
.markup blockquote::before { content: ""; position: absolute; left: 0; top: 0; bottom: 0; width: 4px;
  border-radius: 4px; background: #4e5058; }
.markup code { font: 14px/18px "gg mono", "Noto Sans Mono", "Noto Sans Mono CJK KR", monospace; }
.markup code.inline { background: #1e1f22; border-radius: 4px; padding: 0 4px; font-size: 85%;
  white-space: pre-wrap; }
.markup pre { background: #2b2d31; border: 1px solid #1e1f22; border-radius: 4px; padding: 8px; margin-top: 6px;
  white-space: pre-wrap; }
.mention { background: rgba(88, 101, 242, .3); color: #c9cdfb; border-radius: 3px; padding: 0 2px; font-weight: 500; }
.timestamp { background: rgba(255, 255, 255, .06); border-radius: 3px; padding: 0 2px; }
.spoiler { background: #1e1f22; color: transparent; border-radius: 4px; }
.veiled { filter: blur(16px); overflow: hidden; }

.embed { max-width: 520px; width: fit-content; background: #2b2d31; border-left: 4px solid; border-radius: 4px;
  padding: 8px 16px 16px 12px; margin-top: 4px; font-size: 14px; line-height: 18px; display: grid;
  grid-template-columns: minmax(0, 1fr); }
.embed:has(.embed-image) { max-width: 432px; }
.embed.with-thumbnail { grid-template-columns: minmax(0, 1fr) auto; }
.embed > * { grid-column: 1; min-width: 0; margin-top: 8px; }
.embed-author { font-weight: 600; color: #f2f3f5; }
.embed-title { font-size: 16px; line-height: 22px; font-weight: 600; color: #f2f3f5; }
.embed .markup h1, .embed .markup h2, .embed .markup h3 { margin: 8px 0 4px; }
.embed .markup h1 { font-size: 21px; } .embed .markup h2 { font-size: 17.5px; } .embed .markup h3 { font-size: 14px; }
.embed-thumbnail { grid-column: 2; grid-row: 1 / 9; margin-left: 16px; width: 80px; }
.embed-thumbnail .placeholder { aspect-ratio: 1; }
.embed-image { grid-column: 1 / -1; margin-top: 16px; width: 400px; max-width: 100%; }
.embed-footer { font-size: 12px; line-height: 16px; color: #dbdee1; }
.fields { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; }
.field { grid-column: 1 / -1; }
.field.inline { grid-column: auto; }
.field b { font-weight: 600; color: #f2f3f5; display: block; }

.components { display: flex; flex-direction: column; gap: 8px; margin-top: 4px; }
.container { width: 100%; max-width: 600px; background: #393a41; border: 1px solid #45464e; border-radius: 8px;
  padding: 16px; display: flex; flex-direction: column; gap: 8px; }
.container.accented { border-left: 4px solid; }
.section { display: flex; justify-content: space-between; gap: 16px; }
.texts { display: flex; flex-direction: column; gap: 8px; min-width: 0; flex: 1; }
.accessory { flex: none; }
.thumbnail { width: 85px; height: 85px; overflow: hidden; border-radius: 8px; }
.thumbnail > * { width: 100%; height: 100%; object-fit: cover; aspect-ratio: auto; }
.separator { min-height: 0; }
.separator.large { padding: 8px 0; }
.separator hr { border: 0; height: 1px; background: #50515a; }
.row { display: flex; flex-wrap: wrap; gap: 8px; }
.row:not(:has(.menu)) { width: fit-content; max-width: 100%; }
button { font: 500 14px/18px inherit; font-family: inherit; color: #fff; border: 0; border-radius: 8px; height: 32px;
  min-width: 60px; padding: 0 16px; display: inline-flex; align-items: center; justify-content: center; gap: 6px; }
button.secondary, button.link { background: #4e5058; }
.container button.secondary, .container button.link { background: #4f5059; }
button.primary { background: #5865f2; }
button.success { background: #248046; }
button.danger { background: #da373c; }
button:disabled { opacity: .5; }
.arrow { font-size: 14px; }
.menu { width: 400px; max-width: 100%; height: 40px; background: #1e1f22; border-radius: 8px; color: #949ba4;
  padding: 0 12px; display: flex; align-items: center; justify-content: space-between; gap: 8px; font-size: 16px; }
.container .menu { width: 100%; border: 1px solid #45464e; background: #2b2c32; }
.menu.chosen { color: #dbdee1; }
.menu.disabled { opacity: .5; }
.menu span:first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.down { color: #dbdee1; transform: translateY(-4px); }
.gallery { display: flex; flex-direction: column; gap: 4px; border-radius: 8px; overflow: hidden; max-width: 550px; }
.pictures { display: grid; gap: 4px; }
.pictures.of-2 { grid-template-columns: 1fr 1fr; } .pictures.of-3 { grid-template-columns: 1fr 1fr 1fr; }
.pictures > * { width: 100%; object-fit: cover; aspect-ratio: 1; overflow: hidden; }
.pictures.of-1 > * { aspect-ratio: auto; max-height: 350px; object-fit: contain; }
.pictures > .placeholder { aspect-ratio: 1; }
.pictures.of-1 > .placeholder { aspect-ratio: 16 / 9; }
.container .gallery { max-width: none; }
.items-3 { flex-direction: row; aspect-ratio: 3 / 2; }
.items-3 .of-1 { flex: 2; } .items-3 .of-2 { flex: 1; grid-template-columns: 1fr; grid-template-rows: 1fr 1fr; }
.items-3 .pictures > * { aspect-ratio: auto; height: 100%; max-height: none; object-fit: cover; min-height: 0; }
.placeholder { background: #4b4d57; color: #b5bac1; font-size: 12px; line-height: 15px; aspect-ratio: 16 / 9;
  border-radius: 4px; display: flex; align-items: center; justify-content: center; text-align: center; padding: 6px;
  overflow: hidden; }
.gallery .placeholder, .thumbnail .placeholder { border-radius: 0; }
img { display: block; max-width: 100%; border-radius: 4px; background: #fff; }
.file { display: flex; gap: 10px; align-items: center; background: #2b2d31; border: 1px solid #45464e;
  border-radius: 8px; padding: 12px 16px; width: 100%; max-width: 432px; }
.file small { display: block; font-size: 12px; line-height: 16px; color: #949ba4; }

.phone .message { padding-right: 16px; }
.phone button { height: 36px; }
.phone .menu { height: 42px; width: 100%; }
.phone .embed { width: 100%; }
.phone .container { padding: 12px; }
.phone .section { gap: 12px; }
"""


def render_page(messages: Iterable[str], viewport: Viewport) -> str:
    """Put drawn messages below each other, as a channel shows them."""
    return (
        f'<!doctype html><html lang="ko"><head><meta charset="utf-8"><style>{_STYLE}</style></head>'
        f'<body class="{viewport.name}">{"".join(messages)}</body></html>'
    )
