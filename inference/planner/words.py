"""The words the rules planner knows, as data: verbs, connectives, modifiers, prepositions, fillers in four languages.

Each entry is `category: "phrase|phrase|..."`; a category starting with `v:` makes a step. Phrases are folded as texts
are, so accents are written naturally. `inference.planner.lexicon` makes the tables of it.
"""

from __future__ import annotations

# English verbs whose inflected forms are derived; the rest is written out in PHRASES.
ENGLISH_VERBS = {
    "v:transport": (
        "bring take carry move transport transfer deliver haul shift ship relocate shuttle ferry lug convey fetch"
    ),
    "v:pick": "pick collect grab retrieve load",
    "v:drop": "drop put place unload deposit stow store",
    "v:move": "go drive head proceed navigate travel send come",
    "v:scan": "scan count stocktake tally",
    "v:inspect": "inspect check examine view verify photograph eyeball",
    "v:wait": "wait pause",
    "v:charge": "charge recharge",
    "v:patrol": "patrol circle sweep",
    "v:report": "report notify inform",
}

PHRASES: dict[str, str] = {
    "v:transport": (
        "took|taken|brought|run over|get|gets|send over|bringe|bringen|bringt|transportiere|transportieren|liefere|"
        "liefern|schaffe|schaff|verschiebe|verschieben|befördere|gebracht|lleva|llevar|lleve|llévate|llévalo|llévala|"
        "llévalos|llévalas|trae|traer|tráelo|traiga|mueve|mover|mueva|transporta|transportar|traslada|trasladar|"
        "entrega|entregar|apporte|apporter|apportez|amène|amener|emmène|emmener|transporte|transporter|déplace|"
        "déplacer|livre|livrer|porte|rapporte"
    ),
    "v:need": (
        "needed|needs|need|we need|i need|is needed|are needed|wants|want|requires|require|brauche|brauchen|braucht|"
        "benötige|benötigen|benötigt|wird gebraucht|necesito|necesitamos|necesita|necesitan|hace falta|besoin de|"
        "besoin d"
    ),
    "v:pick": (
        "pick up|picks up|picking up|hol|hole|holt|holen|abholen|nimm|nehmen|nehme|sammle|einsammeln|aufnehmen|"
        "lade ein|recoge|recoger|recoja|coge|coger|toma|tomar|agarra|cógelo|recógelo|prends|prendre|prenez|ramasse|"
        "ramasser|récupère|récupérer|va chercher|chercher"
    ),
    "v:drop": (
        "drop off|drops off|dropping off|put down|set down|leave|leaves|leaving|set it down|stell|stelle|stellen|"
        "abstellen|leg|lege|legen|ablegen|ablade|abladen|absetzen|setz|lass|deja|dejar|déjalo|déjala|déjalos|déjalas|"
        "deje|pon|ponlo|ponla|ponlos|poner|descarga|descargar|coloca|colocar|dépose|déposer|déposez|laisse|laisser|"
        "mets|mettre|pose"
    ),
    "v:move": (
        "went|drive over|go over|head over|pop over|make your way|move over|stop by|stop at|swing by|get over|"
        "get yourself|park|position yourself|fahr|fahre|fahren|fährt|geh|gehe|gehen|schick|schicke|schicken|"
        "begib dich|ve|vete|ir|vaya|dirígete|conduce|envía|enviar|manda|va|vas|aller|allez|rends toi|envoie|envoyer|"
        "dirige toi"
    ),
    "v:scan": (
        "take stock|stock take|stock check|take inventory|do inventory|do an inventory|inventory|cycle count|"
        "read the labels|read labels|scan the labels|how many|zähl|zähle|zählen|scanne|scannen|scann|inventur|cuenta|"
        "contar|cuente|escanea|escanear|inventaría|haz inventario|compte|compter|scanner|fais l inventaire|recense"
    ),
    "v:inspect": (
        "look at|take a look|take a look at|have a look|have a look at|a look at|look over|look into|see whether|"
        "see if|find out whether|find out if|take a picture of|take a picture|take a photo of|take a photo|photo of|"
        "picture of|look|make sure|prüf|prüfe|prüfen|pruefe|pruefen|überprüfe|überprüfen|ueberpruefe|kontrolliere|"
        "kontrollieren|inspiziere|inspizieren|schau|schaue|schauen|schau nach|sieh|anschauen|ansehen|nachsehen|"
        "inspecciona|inspeccionar|revisa|revisar|revise|comprueba|comprobar|mira|mirar|verifica|verificar|"
        "échale un vistazo|echa un vistazo|un vistazo|inspecte|inspecter|vérifie|vérifier|regarde|regarder|contrôle|"
        "contrôler"
    ),
    "v:wait": (
        "stand by|hang on|hang around|stay|warte|warten|wartet|espera|esperar|espere|attends|attendre|attendez|patiente"
    ),
    "v:charge": (
        "top up|top yourself up|top itself up|tops itself up|plug in|plug yourself in|juice up|get charged|charge up|"
        "power up|recharge yourself|fill your battery|auflade|aufladen|lad dich auf|lade dich auf|lade dich|lad dich|"
        "lade|laden|lädt|sich auf|carga|cargar|cárgate|recarga|recargar|recárgate|recharge toi|recharger|charge toi|"
        "charger|se recharger|cargue"
    ),
    "v:patrol": (
        "do a lap|do a lap of|do one lap|a lap of|lap|laps|do the rounds|make the rounds|do a round|do rounds|"
        "the rounds|round of|rounds of|do a loop|loop|do a tour|tour|walk around|drive around|go around|go round|"
        "drive between|go between|patrouilliere|patrouillieren|patrouille|drehe eine runde|dreh eine runde|"
        "fahr eine runde|eine runde|runde|patrulla|patrullar|haz una ronda|una ronda|ronda|da una vuelta|una vuelta|"
        "vueltas|patrouiller|fais une ronde|une ronde"
    ),
    "v:report": (
        "let me know|let us know|tell me|tell us|message me|ping me|update me|text me|call me|give me a shout|"
        "report back|send a report|send me a report|give me a report|keep me posted|get back to me|a report|warn me|"
        "alert me|let the shift lead know|melde|melden|melde dich|gib bescheid|sag bescheid|sag mir bescheid|"
        "gib mir bescheid|sag mir|bescheid sagen|bescheid geben|bescheid|berichte|berichten|informiere|"
        "informiere mich|benachrichtige mich|avisa|avísame|avisar|avísanos|dime|dinos|informa|infórmame|repórtame|"
        "repórtalo|reporta|notifica|préviens|préviens moi|dis moi|informe|informe moi|fais un rapport|rapport|"
        "signale|tiens moi au courant"
    ),
    "v:home": (
        "home|go home|goes home|going home|head home|return home|come home|drive home|go back home|return to base|"
        "go back to base|back to base|head back to base|return to your base|go to base|return to its base|"
        "go back to your base|come back|go back|head back|return|returns|drive back|back home|nach hause|"
        "fahr nach hause|fahre nach hause|heim|zurück zur basis|zur basis|zur basis zurück|kehr zurück|kehre zurück|"
        "fahr zurück|zurückkehren|zur heimatbasis|vuelve a casa|vuelve a la base|vuelve a tu base|regresa a casa|"
        "regresa a la base|regresa|vuelve|a casa|a la base|volver a la base|rentre|rentre à la base|"
        "retourne à la base|retour à la base|à la base|retourne"
    ),
    "seq": (
        "then|and then|after that|afterwards|after which|next|once done|when done|once finished|when finished|"
        "finally|lastly|first|firstly|first of all|second|secondly|once that is done|when that is done|dann|danach|"
        "anschließend|und dann|zuerst|zuletzt|als nächstes|daraufhin|luego|después|entonces|y luego|y después|"
        "primero|finalmente|por último|a continuación|ensuite|puis|et puis|après|après cela|d abord|enfin|et ensuite"
    ),
    "and": "and|but|aber|pero|mais|plus|as well as|also|und|sowie|auch|e|et|&|+|aussi|también",
    "or": "or|either|oder|entweder|ou|bien",
    "else": "otherwise|else|or else|if not|ansonsten|sonst|andernfalls|si no|de lo contrario|en caso contrario|sinon",
    "if": (
        "if|when|in case|whenever|falls|wenn|sofern|si|cuando|en caso de que|en caso de|quand|lorsque|au cas où|"
        "whether|ob"
    ),
    "unsupported": (
        "unless|until|while|as long as|once|as soon as|whilst|during|except|apart from|instead|rather|because of|"
        "sobald|solange|während|außer|statt|sondern|bevor|hasta que|a menos que|mientras|tan pronto como|en cuanto|"
        "excepto|salvo|en vez de|jusqu à ce que|à moins que|pendant que|dès que|sauf|au lieu de"
    ),
    "neg": (
        "not|no|never|dont|do not|doesnt|shouldnt|mustnt|cannot|cant|nothing|none|without|wont|neither|nor|nicht|"
        "kein|keine|keinen|nie|ohne|weder|nunca|sin|ningún|ninguna|jamás|ne|pas|jamais|sans|aucun|aucune|n"
    ),
    "avoid": (
        "avoid|avoids|avoiding|keep away from|stay away from|stay clear of|keep clear of|steer clear of|keep off|"
        "stay off|keep out of|stay out of|not through|not via|not past|dont go through|do not go through|"
        "dont drive through|do not drive through|dont use|do not use|without going through|without passing|"
        "without driving through|dont go near|do not go near|dont pass|dont go past|dont enter|do not enter|"
        "give a wide berth to|bypass|bypassing|meide|meiden|vermeide|vermeiden|nicht durch|nicht über|ohne durch|"
        "umfahre|umfahren|evita|evitar|evitando|evite|sin pasar por|no pases por|no vayas por|aléjate de|évite|"
        "éviter|évitez|en évitant|sans passer par|ne passe pas par|contourne"
    ),
    "c:empty": "empty|vacant|out of stock|bare|cleared out|leer|vacío|vacía|vacíos|vacías|vide|vides",
    "c:full": (
        "full|filled|filled up|no room|no space|no space left|no room left|voll|lleno|llena|llenos|llenas|plein|pleine"
    ),
    "c:blocked": (
        "blocked|obstructed|jammed|blocked off|blockiert|versperrt|bloqueado|bloqueada|obstruido|obstruida|bloqué|"
        "bloquée|obstrué"
    ),
    "c:damaged": (
        "damaged|broken|torn|cracked|beschädigt|kaputt|defekt|dañado|dañada|dañados|roto|rota|endommagé|endommagée|"
        "abîmé|cassé"
    ),
    "c:missing": (
        "missing|gone|not there|absent|isnt there|not found|arent there|lost|fehlt|fehlen|nicht da|weg|falta|faltan|"
        "no está|no están|manque|manquant|manquante"
    ),
    "c:ok": (
        "ok|okay|fine|all good|in order|all right|alright|good|clear|undamaged|in good condition|in good shape|"
        "in ordnung|frei|gut|bien|libre|todo bien|en orden|en ordre"
    ),
    "battery": "battery|charge level|akku|akkustand|batterie|ladung|batería|la batería",
    "below": (
        "below|under|less than|lower than|drops below|falls below|beneath|unter|weniger als|fällt unter|"
        "por debajo de|baja de|menos de|inferior a|en dessous de|sous|inférieure à|moins de"
    ),
    "prio:high": (
        "urgent|urgently|asap|as soon as possible|as soon as you can|high priority|top priority|highest priority|"
        "with priority|priority|right away|straight away|immediately|rush|its a rush|rush job|hurry|hurry up|at once|"
        "pronto|critical|first priority|priority high|prio high|high prio|quick as you can|as quickly as possible|"
        "dringend|eilig|sofort|so schnell wie möglich|schnellstmöglich|hohe priorität|mit hoher priorität|umgehend|"
        "es eilt|eilt|urgente|urgentemente|lo antes posible|cuanto antes|de inmediato|inmediatamente|alta prioridad|"
        "prioridad alta|con prioridad|es urgente|ya|d urgence|urgemment|dès que possible|au plus vite|immédiatement|"
        "tout de suite|haute priorité|prioritaire|priorité haute"
    ),
    "prio:low": (
        "low priority|low prio|no rush|no hurry|not urgent|isnt urgent|when you have time|whenever you have time|"
        "when you get a chance|when there is time|whenever you can|in your own time|take your time|priority low|"
        "when convenient|lowest priority|whenever it suits|theres no rush|there is no hurry|not in a hurry|"
        "no need to rush|keine eile|niedrige priorität|nicht dringend|wenn zeit ist|eilt nicht|hat zeit|"
        "baja prioridad|prioridad baja|sin prisa|no es urgente|no hay prisa|cuando puedas|basse priorité|"
        "priorité basse|pas urgent|pas pressé|quand tu peux|quand vous pouvez"
    ),
    "prio:normal": "normal priority|medium priority|normale priorität|prioridad normal|priorité normale",
    "slow": (
        "slow|slowly|nice and slow|nice and slowly|at low speed|low speed|reduced speed|at reduced speed|"
        "at half speed|slow speed|at walking pace|go easy|take it easy|take it slow|crawl|drive slowly|go slow|"
        "go slowly|slow down|langsam|mit langsamer geschwindigkeit|schön langsam|despacio|lentamente|"
        "a baja velocidad|con calma|lentement|doucement|à vitesse réduite|au ralenti"
    ),
    "pron:item": (
        "it|both|both of them|them|that|those|these|this|the lot|sie|ihn|diese|diesen|dieses|welche|lo|los|las|eso|"
        "esto|ello|le|les|ça|cela|celui ci|stuff"
    ),
    "pron:place": "there|over there|that place|same place|dort|dorthin|dahin|da|hin|dort hin|allí|allá|ahí|là|là bas|y",
    "here": "here|over here|to me|hier|hierher|zu mir|her|aquí|acá|a mí|ici|à moi",
    "any_robot": (
        "somebody|someone|anyone|any robot|a robot|the robot|any free robot|a free robot|whoever is free|"
        "one of the robots|first free robot|the first free robot|another robot|anybody|whoever|jemand|ein roboter|"
        "der roboter|irgendein roboter|alguien|un robot|el robot|cualquier robot|quelqu un|un robot|le robot|"
        "n importe quel robot|robot|robots|roboter|one robot|agv|amr|the agv|the amr|an agv|an amr|bot|the bot"
    ),
    "everything": "everything|all of it|the whole lot|alles|todo|tout",
    "all_robots": (
        "all robots|every robot|everyone|everybody|all of you|all the robots|all agvs|all amrs|both robots|"
        "alle roboter|todos los robots|tous les robots"
    ),
    "confirmed": (
        "confirmed|confirmation|my ok|my okay|my go ahead|the go ahead|go ahead|my signal|my confirmation|"
        "a confirmation|i confirm|someone confirms|somebody confirms|a person confirms|confirms|i say so|i say go|"
        "i give the ok|told|bestätigung|bestätigt|mein ok|freigabe|confirmación|confirme|confirmado|yo confirme|"
        "que confirme|mi señal|confirmation|confirmé|mon signal|mon ok|approval|my approval|sign off|an ok|an okay|"
        "the ok|the okay"
    ),
    "t:by": (
        "before|by|no later than|not later than|until|till|latest by|at the latest by|due|due by|due at|not after|"
        "vor|bis|spätestens um|spätestens|bis spätestens|bis um|antes de|antes de la|antes de las|a más tardar a las|"
        "hasta las|para las|avant|d ici|au plus tard à|pour|jusqu à|b4"
    ),
    "t:at": "at|at exactly|at about|around|um|gegen|a las|a la|sobre las|à|vers",
    "t:start": (
        "starting at|from|start at|starting from|after|not before|no earlier than|beginning at|as of|starting|start|"
        "beginning|ab|nach|nicht vor|a partir de las|a partir de la|después de las|desde las|à partir de|après|"
        "pas avant"
    ),
    "t:within": (
        "within|within the next|in the next|in under|in less than|in at most|inside of|in no more than|innerhalb von|"
        "innerhalb der nächsten|binnen|in den nächsten|in weniger als|en menos de|en los próximos|en las próximas|"
        "en moins de|dans les prochaines|dans les|d ici"
    ),
    "t:in": "in|in about|after|in around|en|dentro de|dans",
    "t:every": (
        "every|each|once every|once an|once a|alle|jede|jeden|jedes|cada|todas las|todos los|toutes les|tous les|chaque"
    ),
    "t:for": "for|for about|für|lang|durante|por|pendant|over the next",
    "rep:1": (
        "once|one time|einmal|una vez|une fois|one lap|one round|eine runde|una vuelta|una ronda|une ronde|a lap of|"
        "do a lap of|do a lap|a lap|do a round|a round|do a loop|do a tour|drehe eine runde|dreh eine runde|"
        "fahr eine runde|haz una ronda|da una vuelta|fais une ronde|do one lap"
    ),
    "rep:2": "twice|zweimal|dos veces|deux fois|two times",
    "rep:3": "thrice|dreimal|tres veces|trois fois",
    "rep_unit": (
        "times|rounds of|laps of|laps|rounds|loops|circuits|tours|trips|mal|runden|veces|vueltas|rondas|fois|"
        "tours|passes"
    ),
    "hourly": "hourly|stündlich|cada hora|toutes les heures",
    "daily": "daily|täglich|a diario|diariamente|quotidiennement",
    "done": (
        "done|finished|completed|ready|complete|there|fertig|erledigt|da sein|listo|lista|hecho|terminado|fini|"
        "terminé|prêt"
    ),
    "all": (
        "all|all the|all of the|each|every|every single|alle|jede|jeden|jedes|sämtliche|todos los|todas las|todos|"
        "todas|cada|tous les|toutes les|chaque"
    ),
    "some": "some|any|einige|etwas|paar|algunos|algunas|des|quelques",
    "full_pct": (
        "full|fully|completely|until full|to full|100|voll|vollständig|ganz voll|completamente|a tope|complètement|"
        "à fond"
    ),
    "unknown_time": (
        "tonight|tomorrow|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday|next week|lunch|shift|"
        "morgen|übermorgen|mañana|demain|later|sometime|later today|this afternoon|this evening|this morning|"
        "end of shift|lunchtime|break|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lunes|martes|"
        "miércoles|jueves|viernes|lundi|mardi|mercredi|jeudi|vendredi"
    ),
    "exists": (
        "there is|there are|theres|is|are|es gibt|steht|stehen|liegt|liegen|hay|están|está|il y a|sits|sit|"
        "are waiting|is waiting|se trouve"
    ),
    "container": (
        "pallet|pallets|box|boxes|crate|crates|bin|bins|tote|totes|carton|cartons|bag|bags|roll|rolls|case|cases|"
        "piece|pieces|pcs|pc|unit|units|load|loads|stack|kiste|kisten|palette|paletten|karton|kartons|stück|behälter|"
        "caja|cajas|palé|palés|palet|palets|pallets|unidades|contenedor|caisse|caisses|carton|cartons|bac|bacs|item|"
        "items|rack|racks|trolley|cart|container|containers|batch|set|sets"
    ),
    "place_word": (
        "dock|area|zone|station|place|location|spot|point|bay|section|ort|platz|bereich|zona|lugar|sitio|endroit"
    ),
}

# Prepositions depend on the language of the text, because the short ones collide ("a", "an", "para", "de").
PREPOSITIONS: dict[str, dict[str, str]] = {
    "en": {
        "p:from": "from|out of|off|off of|from the|away from|found at|found in",
        "p:to": (
            "to|into|onto|in to|on to|over to|towards|toward|up to|down to|across to|back to|round to|for|"
            "all the way to"
        ),
        "p:at": (
            "at|in|on|inside|by|near|next to|in front of|around|within|located at|located in|stored in|stored at|"
            "over at|down at|sitting at|sitting in|behind|of|along|beside"
        ),
        "p:via": "via|through|past|by way of|passing",
        "p:between": "between|among",
        "p:with": "with|using|by",
    },
    "de": {
        "p:from": "von|vom|aus|ab|aus dem|aus der|von der|von dem",
        "p:to": (
            "nach|zu|zum|zur|ins|auf|bis zu|bis zum|bis zur|rüber zu|in das|in die|in den|ans|für|an die|an den|hin zu"
        ),
        "p:at": "bei|beim|im|in|am|an|vor|neben|in der|in dem|an der|auf der|auf dem|hinter",
        "p:via": "über|durch|via",
        "p:between": "zwischen",
        "p:with": "mit",
    },
    "es": {
        "p:from": "de|del|desde|desde el|desde la|de la|de los",
        "p:to": "a|al|hasta|hacia|para|a la|hasta el|hasta la|hacia el|hacia la",
        "p:at": "en|junto a|cerca de|en el|en la|ante",
        "p:via": "por|vía|a través de",
        "p:between": "entre",
        "p:with": "con",
    },
    "fr": {
        "p:from": "de|du|depuis|des|d|de la|depuis le|depuis la",
        "p:to": "à|a|au|aux|vers|jusqu à|jusqu au|pour|à la|vers le|vers la",
        "p:at": "en|dans|sur|près de|devant|chez|dans le|dans la|sur le|sur la",
        "p:via": "par|via",
        "p:between": "entre",
        "p:with": "avec",
    },
}

# Words that carry no meaning a plan could hold; leaving them out of a plan drops nothing.
FILLERS = (
    "the a an this that these those my our your its their his her please kindly could can would will shall should "
    "may might you u we i me us he she they them somebody be is are was were been being am have has had having do "
    "does did done make makes let lets let's get gets got getting go gonna want wants wanted like just maybe perhaps "
    "so well ok okay hey hi hello thanks thank cheers sir mate buddy pal team folks guys of some any there here up "
    "down over out back off away around along again now today right then also too only still already quick quickly "
    "it what whats if whether as with to in on at by for from and or s t ll re ve d m needs need needed must ought "
    "able going finished complete ready yourself itself himself themselves one ones thing things bit little few "
    "while way trip trips run job task mission round time times moment sec priority good morning afternoon evening "
    "afterwards ask id which who whose where how because since stock level levels sharp start starting "
    "begin currently which's that's contents condition state status result results find findings outcome look know "
    "see tell give say check kind sort whole entire entirely possible soon total exactly about approximately roughly "
    "pls plz thx ta tidy standing sitting lying waiting located stored free available nearest closest next charger "
    "charging battery station base home something someone anyone nobody when until till before after latest end o "
    "clock h uhr der die das den dem des ein eine einen einem einer eines bitte mal kannst konnen konnte konntest "
    "konnten kann soll sollen sollte mochte mochten wollen du ihr wir ich er sie es mir uns mich dich sich dein "
    "deine mein meine unser unsere haben hat habe ist sind war sein wird werden lass lasst schon jetzt gleich heute "
    "noch eben kurz hin zu zum zur im auf ab aus von vom nach mit fur um da dort bis danke hallo guten tag wieder "
    "zuruck dann und oder auch ob stuck jemand gerne moglichst etwa el la los las un una unos unas lo le les por "
    "favor puedes puede podrias podria quiero quiere queremos que te se nos mi tu su hay esta estan son ser de del "
    "al en con para y e ahora hoy gracias hola buenos dias luego tambien si alguien necesito haz hacer hace tiene "
    "tienes debe deben vez une l et ou au aux dans sur par pour avec il elle je nous vous moi toi lui peux peut "
    "pouvez pourrais pourriez veux veut faut plait svp stp merci bonjour est sont etre fait fais faire ce cette ces "
    "mon ma mes ton tes sa ses maintenant alors qu c n j"
)

# Words that mean another thing in the text's language than in the one the table has them from:
# "word=category,category",
# or the bare word where it means nothing there.
COLLISIONS: dict[str, str] = {
    "en": (
        "y=filler;e=filler;le=filler;va=filler;ve=filler;pose;n=filler;ya=filler;sin;lo=filler;los=filler;las=filler;"
        "da=filler;bis=filler;vor=filler;si=filler;hin=filler;livre;weg;her=filler;a casa=filler;ir;ob;les=filler;"
        "manda;leg;porte;ne;pas;tours=rep_unit,v:patrol;um=filler;en=filler;pour;vers;son;mal;des=filler;bien;ou;"
        "et=filler;die=filler;sous;vide;lang;por=filler;nach=filler;ab=filler;sobre;gut;informe;alle=all;mira;toma;"
        "runde=v:patrol;charge=v:charge"
    ),
    "de": (
        "a=filler;die=filler;es=filler,pron:item;las=filler;la=filler;e=filler;y=filler;si=filler;"
        "da=filler,pron:place;by=filler;sie=filler,pron:item;her=filler;n=filler;no=neg;ne=filler;va;le;pour;"
        "so=filler;in=p:at,p:to,t:in;der=filler;charge=v:charge;dann=seq;den=filler"
    ),
    "es": (
        "once;no=neg;y=and;e=and;o=or;para=filler,p:to;pour;la=filler;las=filler,pron:item;los=filler,pron:item;"
        "es=filler;carga=v:charge;le=filler;les=filler;da=filler;bis;n=filler;ya=filler,prio:high;si=if;son=filler;"
        "des;ve=v:move;va=v:move;her"
    ),
    "fr": (
        "y=filler,pron:place;e=filler;la=filler;les=filler;le=filler;ne=neg;pas=neg;pour=p:to,t:by;si=if;"
        "a=filler,p:to;ou=or;des=filler,p:from;porte=v:transport;son=filler;n=neg;once;da;bis;no=neg;on=filler;"
        "es=filler"
    ),
}
