"""Languages the planners do not read: the plainest words of theirs, so that a mixed text is not understood by half.

Words that are the same everywhere are here too. Whatever else these languages say is asked about, never planned.
"""

from __future__ import annotations

CONCEPTS = {
    "OFF": """
        disattiva* | spegni* | ignora* | bypassa* | aggira* | escludi | negeer* | schakel* | uitschakel* | omzeil*
        stang av | ignorera* | slukk | deaktiver* | ignorer* | vypni* | ignoruj* | kapat | devre disi | kikapcsol*
        opreste | dezactiveaza* | ohita | отключ* | выключ* | игнорир* | обойди* | вимкни* | игнорируй* | отключи*
        無効* | 無視* | 切って | 꺼 | 무시* | 끄고 | 해제*
    """,
    "GUARD": """
        scanner* | sensor* | laser* | lidar* | bumper* | interlock* | sicurezza | protezion* | sensori | sensore
        limite | limiti | freni | allarm* | regole | veiligheid* | beveiliging* | snelheidslimiet | remmen
        sakerhet* | sikkerhed* | sikkerhet* | bezpecnost* | guvenlik | biztonsag* | siguranta | turvallisuus*
        датчик* | сканер* | лазер* | безопасност* | защит* | ограничен* | правил* | тормоз* | センサー | スキャナー
        安全 | 安全装置 | 센서* | 안전* | 스캐너*
    """,
    "PEOPLE": """
        persone | gente | pedoni | operai | mensen | personen | voetgangers | manniskor | mennesker | lidi
        insanlar | emberek | oameni | ihmiset | людей | людям | человек* | рабочих | 人 | 사람* | люди
    """,
    "HARM": """
        investi* | travolgi* | colpisci* | spaventa* | schiaccia* | overrij* | aanrij* | raak | kor over | zasahni
        ez | переех* | задави* | ударь | сбей | напуга* | толкни | 轢 | 치고 | 치어
    """,
    "INJECT": """
        system prompt | jailbreak* | base64 | rot13 | sudo | istruzioni precedenti | vorige instructies
        eerdere instructies | предыдущие инструкции | предыдущие указания | 以前の指示 | これまでの指示 | 이전 지시
    """,
    "STOP": """
        stop | stopp | ferma | fermati | fermate | fermi | fermare | dur | durdur | pysayta | stanna | zastav*
        stopper | stoppa | стоп | стой | стойте | остановить | остановись | остановите | halt | allj | opreste
        oprit* | 止まれ | 止めて | 停めて | 멈춰 | 정지 | 멈춰라
    """,
    "FILLER": """
        tutto | tutti | subito | per favore | alles | nu | alla | allt | все | всё | сейчас | немедленно | роботы
        hepsi | vsechno | simdi
    """,
}
