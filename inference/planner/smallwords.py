"""The small and frequent words of languages, as data: by them a text's language is known, and none of them is a name.

`KNOWN` are the languages the planners read; `FOREIGN` are others whose texts must be noticed as unknown, never read as
if they were one of ours. Words are written naturally and folded as texts are.
"""

from __future__ import annotations

from inference.planner.text import listed

KNOWN = {
    "en": listed(
        "the to from and then please of is it at in on with if when before by take bring move go get put "
        "check need you for into could can back me not every there after until this that these those my our "
        "your its their are was were be been has have had do does did will would should must may might an as "
        "but or so up down out over off again now first next last some any all both each other another here "
        "where which what who how why than let know tell send drop pick collect carry fetch deliver grab "
        "load unload scan count inspect patrol charge wait report return home come leave stay keep avoid "
        "stop start make want we us i he she they them him her someone somebody anyone everything nothing "
        "something just only also too very quick quickly slowly urgent soon later today tonight tomorrow "
        "morning afternoon evening past half quarter hour hours minute minutes one two three four five six "
        "seven eight nine ten eleven twelve twenty thirty forty fifty hundred noon midnight without through "
        "around between near behind under above within once twice times pallet pallets box boxes shelf "
        "shelves robot robots battery full empty blocked missing broken don't doesn't isn't can't i'd i'm "
        "it's what's there's gonna wanna pls plz thanks swap tidy clean clear fix look see whether head "
        "drive ride swing give show about till b4 while"
    ),
    "de": listed(
        "der die das und oder bitte von vom zum zur nach mit dem den des ein eine einen einer einem eines "
        "soll bring bringe bringen hol hole holen fahr fahre fahren fährt wenn falls ist sind nicht dann "
        "danach bis vor um uhr ins im am auf aus dich mir mich sich jede jeden jedes alle allen prüfe prüf "
        "prüfen zähl zähle zählen lade laden lädt schau schaue stell stelle nimm nehmen warte warten wo wie "
        "kannst könnte könntest jemand ich wir brauche brauchen du ihr sie er es zu bei beim durch für über "
        "unter zwischen hinter neben ohne gegen auch noch schon mal nur sehr hier dort da dahin hin her weg "
        "wieder zurück zuerst zuletzt sofort später heute morgen gleich jetzt bevor nachdem während sobald "
        "solange aber denn weil dass ob als wird werden wurde hat haben habe muss müssen sollen sollte darf "
        "kann können will wollen möchte lass gib sag melde bescheid ab an kein keine keinen nichts etwas "
        "beide beiden andere anderen anderes halb viertel stunde stunden minuten minute sekunden zwei drei "
        "vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig hundert zweimal dreimal mal runde "
        "langsam schnell dringend eilig leer voll palette paletten kiste kisten roboter akku prozent mittag "
        "mitternacht spätestens innerhalb in einmal inventur meld reinigen abholen räumen schick hinten vorne unten "
        "oben damit davon daraus dazu hinein heraus rüber bleib bleibt los"
    ),
    "es": listed(
        "el la los las del al y o por favor desde hasta luego después lleva llevar lleve trae traer traiga "
        "recoge recoger mueve mover ve vete vaya cuenta contar si está están no que para con una un unas "
        "unos en antes cada entonces cuando donde dónde puedes podrías necesito necesitamos avísame avisa "
        "carga cargar espera esperar revisa revisar inspecciona deja dejar pon poner coge vuelve escanea "
        "despacio urgente palés palets alguien de es son hay fue ser estar tiene tienen debe deben quiero "
        "queremos me te se nos le les lo mi tu su sus este esta esto ese esa eso aquí allí ahí ahora hoy "
        "mañana noche tarde mediodía medianoche media medio cuarto hora horas minuto minutos segundos dos "
        "tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cien mil vez veces vuelta "
        "ronda patrulla sin entre sobre bajo hacia durante dentro fuera cerca detrás otro otra otros otras "
        "ambos ambas todo todos toda todas algo alguno ningún nada nunca siempre también pero como más menos "
        "muy ya solo sólo primero finalmente rápido lento vacío vacía lleno llena bloqueado roto falta busca "
        "buscar rápido coge toma agarra acércate acercarte almacén regresa cajas caja estante pasillo "
        "quédate haz dime mira comprueba verifica manda envía a pasa pásate"
    ),
    "fr": listed(
        "à a le la les des du au aux et ou puis ensuite apporte apporter apportez prends prendre prenez va "
        "aller allez vers avant après si est sont ne pas une un dans sur avec svp plaît dépose déposer amène "
        "amener emmène vérifie vérifier compte compter attends attendre quand chaque jusqu jusqu'à quelqu "
        "besoin peux peut pouvez de rapporte déplace déplacer rends recharge toi moi vous nous il elle on je "
        "tu ils elles ce cette ces cet mon ma mes ton ta tes son sa ses notre votre leur que qui quoi où "
        "dont pour par sans sous entre chez depuis pendant contre derrière devant près loin ici là là-bas y "
        "en aussi encore déjà jamais toujours rien tout tous toute toutes autre autres deux trois quatre "
        "cinq sept huit neuf dix onze douze quinze vingt trente quarante cinquante soixante cent mille fois "
        "heure heures minute minutes seconde secondes demi demie quart midi minuit matin soir attrape "
        "occuper roule roule-toi maintenant aujourd'hui demain plus moins très trop lentement vite urgent "
        "vide plein bloqué cassé palette palettes caisse caisses dis fais faire fait mets mettre range pose "
        "laisse regarde inspecte surveille scanne charge charger retourne reviens rentre ramène ramasse "
        "récupère cherche chercher livre porte d' l' c'est n'est s'il qu'il j'ai est-il alors mais donc car "
        "comme afin avoir été faut veux voudrais soit"
    ),
    "pl": listed(
        "i oraz lub albo w we z ze na do od po przed za przy pod nad przez dla bez o u nie tak jest są był "
        "była było być ma mają proszę potem następnie później teraz dziś dzisiaj jutro zaraz natychmiast "
        "szybko wolno powoli pilne pilnie jeśli jeżeli gdy kiedy gdzie kto co jak który która które czy że "
        "żeby aby ale bo więc też także tylko już jeszcze tam tu tutaj stąd stamtąd go ją je ich im mu mi "
        "mnie się sobie ten ta to te ci tego tej tym tych każdy każda każdą każdej każdego każdym wszystkie "
        "wszystkich wszystkim wszystko obie oba obu drugi druga drugą drugiej inny inna inną zawieź zawieźć "
        "przywieź przywieźć przynieś zanieś weź wziąć zabierz odbierz odstaw postaw połóż zostaw jedź jechać "
        "pojedź idź wróć wracaj wrócić sprawdź sprawdzić sprawdzaj obejrzyj policz policzyć zeskanuj skanuj "
        "czekaj poczekaj zaczekaj naładuj ładuj doładuj patroluj objedź zgłoś daj powiedz powiadom znać "
        "omijaj unikaj przenieś przewieź dostarcz zbadaj zajrzyj niech powinien musi trzeba można może "
        "możesz potrzebuję potrzebujemy chcę jeden jedna jedno jedną dwa dwie dwóch trzy trzech cztery pięć "
        "sześć siedem osiem dziewięć dziesięć dwanaście piętnaście dwadzieścia trzydzieści sto pół wpół "
        "kwadrans godzina godziny godzinę godzin godzinie minut minuty minutę sekund procent raz razy rano "
        "wieczorem południe południu północ robot robota paleta palety palet skrzynia karton pusty pusta "
        "pełny pełna zablokowany brakuje między obok koło około ciągu później najpierw końcu wszyscy ktoś "
        "coś nic nigdy zawsze"
    ),
    "pt": listed(
        "o os as um uma uns umas do da dos das no na nos nas ao aos à às pelo pela pelos pelas e ou de em "
        "por para com sem até desde depois antes então quando onde como que quem qual se não sim é são está "
        "estão foi ser estar tem têm há leva levar leve traz trazer traga pega pegar pegue busca buscar vai "
        "vá ir move mover coloca colocar põe pôr deixa deixar verifica verificar confere conferir inspeciona "
        "conta contar escaneia digitaliza carrega carregar recarrega espera esperar aguarda volta voltar "
        "patrulha ronda avisa avisar avise diz evita evitar preciso precisamos quero queremos pode podes "
        "poderia deve devem por favor obrigado agora hoje amanhã ontem logo já ainda também só mais menos "
        "muito rápido devagar urgente urgência meu minha seu sua este esta isto isso esse essa aquele aquela "
        "ali aí aqui lá cá outro outra outros outras ambos ambas todo todos toda todas cada algum alguma "
        "nenhum nada nunca sempre dois duas três quatro cinco seis sete oito nove dez onze doze vinte trinta "
        "quarenta cinquenta cem mil meia meio meio-dia meia-noite hora horas minuto minutos segundos quarto "
        "vez vezes volta manhã tarde noite dentro daqui fora perto atrás entre sobre durante vazio vazia "
        "cheio cheia bloqueado quebrado falta caixa caixas palete paletes prateleira robô mas porque nem lhe "
        "lhes me te nós livre terminares regressa anda eles elas ele ela você vocês fica ficar passa olha vê "
        "alguém"
    ),
}

FOREIGN = {
    "nl": listed(
        "het een de en van naar voor niet met aan op om uit bij dat die deze dit ook nog wel maar als dan "
        "daarna laat weten vrij graag of is me in breng haal ga rijd rij neem pak zet controleer tel wacht "
        "laad rapporteer keer terug elk elke alle tussen door over onder zonder is zijn wordt heeft heb moet "
        "kan kun wil alsjeblieft graag hier daar waar wie wat hoe uur half kwart minuten twee drie vier vijf "
        "zes zeven acht negen tien eerst straks nu leeg vol iemand ons onze jij je u hij zij wij mij tot ik "
        "vanuit zodra doos dozen controleren brengen halen"
    ),
    "it": listed(
        "quando alla e in la le prendi scatola lasciala torna finito hai sapere fammi dimmi pallet reparto "
        "freddo officina corridoio fila ricaricati portala portalo il lo gli uno una e o di del dello della "
        "dei degli delle al allo alla ai agli alle dal dalla dai nel nello nella nei sul sulla con per tra "
        "fra non che chi cui è sono ha hanno porta portare prendi prendere vai andare metti mettere "
        "controlla controllare conta aspetta attendi carica ricarica torna ritorna poi dopo prima quando se "
        "ogni tutti tutte tutto anche ancora adesso ora subito oggi domani qui qua lì là due tre quattro "
        "cinque sei sette otto nove dieci mezz'ora mezzora ore minuti favore piace scaffale fino verso senza "
        "ma più meno questo questa quello quella devi deve puoi può voglio magazzino verifica ispeziona "
        "lascia scatole bancali"
    ),
    "sv": listed(
        "och att det som en ett på av för med till från är inte den de om men hämta ta kör åk gå ställ lämna "
        "kontrollera räkna vänta ladda sedan därefter innan efter när varje alla båda här där nu idag sen "
        "hos vid under över mellan utan också bara kan ska skall måste vill behöver snälla tack jag du vi "
        "han hon mig dig oss timme timmar minuter två tre fyra fem sju åtta nio tio halv kvart eller åker "
        "lådor lådan pallen upp ner tillbaka sig har var låda"
    ),
    "da": listed(
        "og at det som en et på af for med til fra er ikke den de om men hent tag kør gå stil sæt efterlad "
        "kontroller tjek tæl vent oplad derefter bagefter før efter når hver alle begge her der nu hos ved "
        "under over mellem uden også kun kan skal må vil jeg du vi han hun mig dig os time timer minutter to "
        "tre fire fem seks syv otte ni ti halv kvart eller kasser kassen pallen op ned tilbage sig har hvor "
        "lad bring venligst"
    ),
    "no": listed(
        "og å det som en ei et på av for med til fra er ikke den de om men hent ta kjør gå sett legg sjekk "
        "kontroller tell vent lad deretter etterpå før etter når hver alle begge her der nå hos ved under "
        "over mellom uten også bare kan skal må vil jeg du vi han hun meg deg oss time timer minutter to tre "
        "fire fem seks sju åtte ni ti halv kvart eller esker esken pallen opp ned tilbake seg har hvor "
        "vennligst"
    ),
    "tr": listed(
        "ve bir bu şu o için ile de da mı mi mu mü ne git gel getir götür al bırak koy kontrol et say bekle "
        "şarj ol sonra önce eğer ise her tüm bütün değil yok var lütfen şimdi hemen saat dakika buçuk yarım "
        "iki üç dört beş altı yedi sekiz dokuz on kadar olan robot kutu kutuyu kutuları paleti paletleri "
        "rafı rafa depoya ben sen biz siz dolu boş bana bildir geri dön git gönder taşı üzere arasında"
    ),
    "cs": listed(
        "a i nebo v ve z ze na do od po před za při pod nad přes pro bez o u ne není je jsou byl být má "
        "prosím pak potom teď dnes zítra hned rychle pomalu jestli pokud když kde kdo co jak který která "
        "které že aby ale také jen už ještě tam tady ho ji jej se si ten ta to ty každý každou každé všechny "
        "všech oba odvez přivez vezmi polož jeď jdi vrať zkontroluj spočítej počkej nabij dvě dva tři čtyři "
        "pět šest sedm osm devět deset půl čtvrt hodin hodinu hodiny minut krabice krabici palety paletu "
        "regálu rampu dones zavez nech"
    ),
    "ro": listed(
        "și şi sau în din de la pe cu pentru fără până spre un o unui unei al ai ale este sunt nu da ia adu "
        "du mergi pune lasă verifică numără așteaptă încarcă apoi după înainte dacă când fiecare toate toți "
        "acum azi mâine aici acolo te rog vă rog doi două trei patru cinci șase șapte opt nouă zece jumătate "
        "oră ore minute cutii cutiile paleții palet raftul raft care ce cine unde cum dar mai foarte numai "
        "este îl îi le lui depozit trebuie poate"
    ),
    "hu": listed(
        "a az és vagy nem igen egy hogy ha van vannak volt majd azután utána előtt után minden összes itt "
        "ott most ma holnap kérlek kérem vidd hozd vigyél hozz menj vedd tedd rakd ellenőrizd számold várj "
        "töltsd fel le meg ki be két kettő három négy öt hat hét nyolc kilenc tíz fél negyed óra órakor perc "
        "perccel raktár polc polcot dobozt dobozokat raklapot raklapokat nekem szólj amikor hova hol mi ki "
        "mit"
    ),
    "fi": listed(
        "ja tai ei on ovat oli se ne tämä nämä että jos kun niin myös sitten jälkeen ennen kaikki joka "
        "jokainen tässä siellä sinne tänne nyt heti tänään huomenna ole hyvä vie tuo hae mene aja ota jätä "
        "laske tarkista odota lataa kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen "
        "puoli tunti tuntia tunnin minuuttia minuutin laatikko laatikot laatikkoa lavat lavaa hylly hyllylle "
        "hyllystä varastoon minulle ilmoita takaisin kanssa ilman välillä asti mukaan"
    ),
    "ca": listed(
        "mira fila vés està és càrrega porta palets i el la els les i o de del dels al als amb per per a des "
        "fins en un una uns unes és són no que si quan on porta portar agafa agafar vés ves deixa posa mira "
        "revisa comprova compta espera carrega torna després abans llavors cada tots totes tot ara avui demà "
        "aquí allà sisplau dues dos tres quatre cinc sis set vuit nou deu mitja hora hores minuts caixes "
        "palets magatzem prestatge necessito avisa'm aquest aquesta això també però sense entre"
    ),
    "vi": listed("và của là không cho với từ đến tại này đó hãy mang lấy đi kiểm tra đếm chờ sạc sau trước khi nếu"),
    "id": listed(
        "dan yang di ke dari untuk dengan ini itu tidak ada adalah ambil bawa pergi periksa hitung tunggu "
        "isi kembali setelah sebelum jika semua setiap dua tiga empat lima jam menit kotak rak gudang tolong "
        "lalu kemudian"
    ),
}

# Words a Chinese text has that are no part of a name.
CHINESE = frozenset(
    "的了是在有不和与跟及把将被给到去来从往向对让叫请帮我你他她它们这那哪个些里上下前后左右中间内外再然先就也都还又很最更"
    "只才吗呢吧啊么什怎谁多少几次遍趟圈轮回每隔各全所另外其之以于等检查看送拿取搬运放扫盘点数巡逻充电停走开始结束报告告诉"
    "通知知道如果若当时候分秒小钟刻半早晚午今明昨天现马立即刻慢快急完成后或者但是"
)

# Words of talk that are part of many names ("Long Corridor", "People Office") and alone mean none of them.
_TALK = {
    "en": listed(
        "long short people person kill story time day days week work working thing things great good bad nice guys guy "
        "lads lot way left right kind big small old new little much many more most same such even ever "
        "still already shout pass part parts piece free busy late early fast open closed light heavy dark high low "
        "side end top bottom inside outside front middle match print easy hard hot wet dry simple"
    ),
    "de": listed(
        "lang lange langen kurz kurze groß große großen klein kleine kleinen gut gute guten leute tag tage zeit sache "
        "sachen ding dinger neu neue neuen alt alte alten ganz ganze frei offen links rechts teil seite ende"
    ),
    "es": listed(
        "largo larga corto corta gente tiempo cosa cosas bueno buena bien mal grande grandes pequeño pequeña nuevo "
        "nueva viejo vieja día días parte lado libre abierto izquierda derecha"
    ),
    "fr": listed(
        "aille ailles aillent fasse fasses soit soient part parte partent partir long longue petit petite grand grande "
        "bon bonne bien mal gens monde jour jours temps chose choses fois neuf nouveau nouvelle vieux libre ouvert "
        "gauche droite côté bout"
    ),
    "pl": listed(
        "długo długi ludzie ludzi czas rzecz rzeczy dobry dobra dobrze mały mała duży duża nowy nowa stary stara dzień "
        "dni część strona koniec lewo prawo wolny"
    ),
    "pt": listed(
        "longo longa curto curta gente tempo coisa coisas bom boa bem mal grande grandes pequeno pequena novo nova "
        "velho velha dia dias parte lado livre aberto esquerda direita"
    ),
}
EVERYDAY = {lang: words | _TALK.get(lang, frozenset()) for lang, words in KNOWN.items()} | {"zh": CHINESE}
