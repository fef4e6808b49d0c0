"""Pages that ask for something instead of showing a post: consent, a human, a login, money, JavaScript.

Such pages come with status 200 and under any title. They are recognised by sentences that sites write to visitors,
not by single words: a post about cookies or robots uses the words but not the sentences. Pure.

The sentences come from the usual consent platforms, Cloudflare and similar services, blog platforms and newspapers,
in English, Korean, Japanese, Chinese, German, French and Spanish.
"""

from __future__ import annotations

import re

from bot.text.patterns import lazy_pattern

_LONGEST_WALL = 4_000  # letters; a longer text with such sentences is a post with a box in it
_FEWEST_CUES = 2
_LETTERS_A_CUE = 400
_MOST_OTHER = 0.75  # the share of a wall's letters in sentences that ask for nothing
_SHORT_WALL = 350  # letters; in a text this short, one sentence makes it a wall

_CONSENT = r"""
we (?:value|respect|care about) your privacy
before you continue
your (?:privacy|cookie) (?:choices|preferences|settings)
(?:store|access)[^.\n]{0,40}information on (?:a|your) device
we and our (?:\d+ )?partners\b|our \d+ partners\b
(?:accept|reject|allow|decline) (?:all(?: cookies)?|cookies)
manage (?:your )?(?:choices|preferences|cookies|options)
(?:we|this (?:web)?site) uses? cookies
right to object
legitimate interest
withdraw your consent
personali[sz]ed (?:ads|content)
쿠키(?:를|의)? ?(?:사용|설정|허용|수집)
(?:모두|전체) ?(?:동의|허용|수락)
개인 ?정보 ?(?:수집|처리|보호)[^.\n]{0,20}동의
맞춤형? 광고
(?:cookie|クッキー)(?:を|の)(?:使用|利用|設定|受け入れ)
すべて(?:同意|許可|受け入れ)
同意(?:して|する(?:場合|には))
プライバシーを(?:尊重|大切)
使用\s?cookie
全部接受|接受(?:所有|全部)|同意并继续|同意並繼續
我们(?:重视|尊重)您的隐私
我們(?:重視|尊重)您的隱私
管理(?:您的)?(?:选项|偏好|選項)
(?:wir|diese (?:website|seite)) (?:verwenden|nutzen|verwendet|nutzt)[^.\n]{0,30}cookies
alle(?: cookies)? (?:akzeptieren|ablehnen|zulassen)
ihre privatsphäre
berechtigte[sn]? interesse
einwilligung
(?:nous|ce site) (?:utilisons|utilise)[^.\n]{0,30}cookies
tout (?:accepter|refuser)
accepter(?: et|) (?:tout|continuer|fermer)
votre vie privée
vos (?:choix|préférences)
intérêt légitime
nos partenaires
(?:utilizamos|usamos|utiliza) [^.\n]{0,20}cookies
(?:aceptar|rechazar) (?:todo|todas|cookies)
su privacidad
nuestros socios
"""
_HUMAN = r"""
(?:verify(?:ing)?|confirm|prove|check(?:ing)?(?: if)?)(?: that)? you(?:'re|’re| are) (?:not a (?:ro)?bot|(?:a )?human)
are you (?:a robot|human)
i(?:'m|’m| am) not a robot
checking your browser
just a moment
review the security of your connection
security (?:check|service|verification)
unusual (?:traffic|activity)
automated (?:requests|access|queries)
complete the captcha
ddos protection
\bray id\b
로봇이 아닙니다
사람인지 확인
자동 ?등록 ?방지
보안 ?(?:문자|확인|절차)
비정상적인 (?:접근|트래픽|접속)
브라우저를 확인
ロボットではありません
人間(?:である|か)[^。\n]{0,8}確認
セキュリティ(?:チェック|を確認)
ブラウザを確認
不審な(?:トラフィック|アクセス)
(?:您|你)(?:是否)?(?:是|不是)(?:真人|人类|人類|机器人|機器人)
安全(?:验证|驗證|检查|檢查)
正在(?:检查|檢查|验证|驗證)
异常(?:流量|访问)
完成(?:验证|驗證)
kein roboter
sind sie ein mensch
überprüf(?:en|ung)[^.\n]{0,40}(?:browser|verbindung|mensch)
sicherheits(?:prüfung|überprüfung)
ungewöhnliche[nr]? (?:datenverkehr|aktivität)
pas un robot
êtes[- ]vous (?:un humain|humain|un robot)
vérifi(?:er|cation|ons)[^.\n]{0,40}(?:navigateur|connexion|sécurité|humain)
trafic (?:inhabituel|suspect)
"""
_JAVASCRIPT = r"""
(?:enable|requires?|turn on|activate|need)[^.\n]{0,30}javascript
javascript (?:is|to be|has been|seems)[^.\n]{0,20}(?:disabled|enabled|required|turned off)
without javascript
(?:자바 ?스크립트|javascript)(?:를|가|을|이)?[^.\n]{0,16}(?:활성화|사용|허용|꺼져|필요|비활성)
javascript[^。\n]{0,12}(?:有効|無効|必要|オン)
(?:启用|啟用|开启|開啟|需要)[^。\n]{0,8}javascript
javascript[^。\n]{0,8}(?:禁用|停用|启用|啟用)
javascript[^.\n]{0,30}(?:aktivier|deaktivier|benötigt|activer|désactivé|activé|nécessaire|habilit|desactivado)
(?:aktivieren|activez|activer|veuillez activer|habilite)[^.\n]{0,24}javascript
"""
_LOGIN = r"""
(?:log|sign) ?in to (?:continue|read|view|see|access)
(?:please|you must|you need to) (?:log|sign) ?in
forgot (?:your )?password
already (?:a (?:member|subscriber)|have an account)
create (?:a free|an) account
(?:subscribe|become a (?:member|subscriber)|join|upgrade)[^.\n]{0,40}to (?:continue|read|keep|unlock|get access)
(?:subscribe|become a (?:member|subscriber)|sign up)[^.\n]{0,40}(?:full (?:story|article|access)|keep reading)
this (?:post|article|story|content) is (?:for|available to|reserved|only)[^.\n]{0,30}(?:scriber|member|paid)
(?:member|subscriber)s?[- ]only
free articles? (?:left|remaining)
로그인(?:이|을|을 하)?[^.\n]{0,12}(?:필요|해 ?주세요|하세요|하셔야|후 이용)
비밀번호를? (?:잊|찾|입력)
(?:구독|회원|멤버십|유료)[^.\n]{0,16}(?:전용|만 (?:볼|읽을|이용)|하시면|하고 (?:계속|전체)|가입)
보호되어 있는 (?:글|페이지)
ログイン(?:して|が必要|してください)
パスワードを(?:お忘れ|入力|忘れ)
(?:会員|有料)(?:限定|登録|会員)
この(?:記事|続き)(?:は|を)[^。\n]{0,20}(?:限定|購入|有料|登録)
(?:请|請|需要)(?:先)?(?:登录|登錄|登入)
忘记密码
忘記密碼
(?:订阅|訂閱|付费|付費|会员|會員)(?:后|後|才能|专享|專享|可|以)[^。\n]{0,10}(?:阅读|閱讀|查看|继续|繼續)
开通会员
(?:bitte )?(?:melden sie sich an|einloggen|anmelden)[^.\n]{0,24}(?:weiter|lesen|um)
passwort vergessen
(?:abo|abonnement|abonnenten)[^.\n]{0,30}(?:lesen|exklusiv|abschließen|testen)
(?:connectez-vous|identifiez-vous)
mot de passe oublié
(?:réservé(?:e)?s? aux|article réservé)[^.\n]{0,16}(?:abonnés|membres)
abonnez-vous[^.\n]{0,30}(?:lire|suite|accéder)
(?:inicie|inicia) sesión
suscr[ií]b(?:ete|ase)[^.\n]{0,30}(?:leer|seguir)
"""
_NOT_THERE = r"""
page not found|page (?:you (?:are looking for|requested)[^.\n]{0,30})?(?:could not|cannot) be found
page (?:you (?:are looking for|requested)[^.\n]{0,30})?(?:does not exist|doesn['’]t exist|is no longer)
(?:can(?:'|’)t|cannot|couldn(?:'|’)t) find (?:the|that) page
access (?:denied|to this page has been)
(?:페이지|게시글|게시물|포스트)(?:를|을|가|이)? ?(?:찾을 수 없|존재하지 않|삭제)
접근이? ?(?:거부|차단)(?:되|했)|접근 권한이 없
잘못된 (?:접근|주소)
ページ(?:が|は)(?:見つかり|存在し)
アクセス(?:が拒否|できません)
(?:页面|頁面|文章)(?:不存在|未找到|已(?:被)?(?:删除|刪除))
找不到(?:页面|頁面|您)
拒绝访问
seite (?:wurde )?nicht gefunden
zugriff verweigert
page (?:introuvable|non trouvée)
accès refusé
página no (?:encontrada|existe)
"""

_CUES = tuple(
    lazy_pattern(line, re.IGNORECASE)
    for lines in (_CONSENT, _HUMAN, _JAVASCRIPT, _LOGIN, _NOT_THERE)
    for line in lines.strip().splitlines()
)
"""Patterns of sentences, one per line, each bounded: time is linear in a text."""

_TITLES = lazy_pattern(
    r"""\W*(?:just a moment|attention required!?|one more step|please wait|ddos-guard|access denied|forbidden
    |security (?:check|verification)|are you (?:a robot|human)|(?:human|bot) (?:verification|check)|robot check
    |captcha
    |before you continue|cookie (?:consent|settings|preferences)|(?:log|sign)[ -]?in|redirecting
    |(?:error )?404(?:\W*(?:error|page)?\W*not found)?|(?:page )?not found
    |로그인|접근 (?:거부|제한)|페이지를 찾을 수 없(?:음|어요|습니다)|잠시만 (?:기다려|기다리).{0,6}
    |ログイン|ページが見つかりません(?:でした)?|しばらくお待ちください
    |请稍候|請稍候|登录|登入|页面不存在|页面未找到|找不到(?:页面|頁面)
    |nur einen moment|anmelden|seite nicht gefunden|un instant|connexion|page (?:introuvable|non trouvée)|un momento
    )\W*(?:[|·•–—-].*|\Z)""".replace("\n    ", "").replace(" ", r"\s"),
    re.IGNORECASE | re.DOTALL,
)


_SENTENCE_END = lazy_pattern(r"(?<=[.!?])\s|(?<=[。！？])|\n")


def is_wall(text: str, *, title: str = "") -> bool:
    """Whether a text asks its reader for something, and is little else.

    Args:
        text: The text of a page's article, one line per block.
        title: The page's title. One that such pages have counts as a sentence that asks; posts may have it too, so it
            proves nothing alone.
    """
    letters = _count(text)
    if letters > _LONGEST_WALL:
        return False
    cues = sum(1 for cue in _CUES if cue.search(text))
    if letters < _SHORT_WALL or not cues:
        return cues > 0
    if _is_wall_title(title):
        return letters < (cues + 1) * _LETTERS_A_CUE
    is_dense = cues >= _FEWEST_CUES and letters < cues * _LETTERS_A_CUE
    return is_dense and _count(without_walls(text)) < letters * _MOST_OTHER


def _count(text: str) -> int:
    return len("".join(text.split()))


def _is_wall_title(title: str) -> bool:
    """Whether a page has a title that such pages have; a post may have it too."""
    return _TITLES.fullmatch(" ".join(title.split())[:300]) is not None


def without_walls(text: str) -> str:
    """Return a text without the sentences that ask for something, such as those of a box at an article's end."""
    return "\n".join(
        sentence for sentence in _SENTENCE_END.split(text) if not any(cue.search(sentence) for cue in _CUES)
    )
