"""German."""

from __future__ import annotations

CONCEPTS = {
    "OFF": """
        ignorier* | deaktivier* | schalt* | schalte* | abschalt* | ausschalt* | uberbruck* | missacht* | ubergeh*
        vergiss | abklemm* | abdeck* | deck ab | verdeck* | zukleb* | uberkleb* | ausser kraft setz* | klemm
        klemme | ausstecken | zieh den stecker | stummschalt* | ausblend* | manipulier* | sabotier* | aushebel*
        hebel* | pfeif auf | kummer* dich nicht um | scher dich nicht um | beachte nicht | nicht beachten
        blockier* den sensor | trickse | austricks* | unterdruck* | lahmleg* | lahm legen | abmontier* | aufzuheben
        hebe * auf | ausgeschaltet* | abgeschaltet* | deaktiviert* | deaktivierter | deaktivierten | abgeklemmt*
        ausgestellt* | stumm | unbeachtet | pfeifen auf | nicht ernst | nicht kummern | nicht achten
        achte nicht auf | uberwinde | verzichte* auf | bypass* | brucke | kappe | kapp | vernachlassig*
    """,
    "OFFLAST": """
        ignorier* | deaktivier* | abschalt* | ausschalt* | uberbrucken | missachten | abklemmen | abdecken
        zukleben | ausser kraft | ausmachen | egal | aufheben | ausgeschaltet | abgeschaltet | abgestellt
        abstellen | stummschalten | ausblenden | lahmlegen | ubergehen | interessiert | interessieren | gilt nicht
        gelten nicht | zahlt nicht | zahlen nicht | ignoriert | manipulieren | unterdrucken | verkleinern
        beachten nicht | nicht beachten | sind unwichtig | vergessen darfst | vergessen
    """,
    "SKIP": """
        ohne | lass * weg | uberspring* | spar dir | auslassen | ubergeh* | verzicht* | vergiss | vergesst | trotz
    """,
    "OFFSTATE": """
        ist aus | sind aus | abgeschaltet | ausgeschaltet | deaktiviert | ausser kraft | aufgehoben | ist egal
        sind egal | gilt nicht | gelten nicht | nicht mehr | uberbruckt | inaktiv | wirkungslos | ist nur papier
        zahlt heute nicht | zahlt nicht | nur empfehlung | nur eine empfehlung | unwichtig | nervt | kann warten
        sind aufgehoben
    """,
    "GUARD": """
        scanner | scannern | scanners | laserscanner* | laser | laserscann* | lidar* | sensor | sensoren | sensors
        sensorik | bumper* | stossleiste* | sicherheit* | schutzfeld* | schutzfunktion* | schutzeinrichtung*
        schutzgitter* | schutzzaun* | schutztur* | schutzbereich* | schutz | lichtvorhang | lichtvorhangs
        lichtvorhange | lichtschranke* | lichtgitter* | verriegelung* | warnung* | warnleucht* | warnlicht*
        warnton* | warnblink* | warnfeld* | hupe | alarm | alarme | alarmen | geschwindigkeitsbegrenzung*
        geschwindigkeitsgrenze* | geschwindigkeitslimit* | tempolimit* | tempobegrenzung* | hochstgeschwindigkeit*
        begrenzung | begrenzungen | limit | limits | grenzwert* | ladegrenze* | ladelimit* | akkugrenze*
        akkulimit* | gewichtsgrenze* | traglast | lastgrenze* | kollisionsschutz* | kollisionserkennung
        kollisionsvermeidung | hinderniserkennung | personenerkennung | menschenerkennung | umfelderkennung | bremse
        bremsen | notbremse | not aus | notaus | not halt | nothalt | notstopp* | notbremsung | totmann* | kamera
        kameras | prufung* | sicherheitsprufung* | kontrolle | kontrollen | regel | regeln | vorschrift*
        verkehrsregel* | absicherung* | interlock* | schutzmassnahme* | uberwachung | sicherungen | tempowachter
        geofence* | freigabeprufung | abstand | sicherheitsabstand | turverriegelung* | gewichtsgrenze | brandmelder
        validierung | personenschutz* | die sperre | sicherheitsvorgabe* | vorgaben | abbremsen | tempo limit
    """,
    "ZONE": """
        sperrzone* | sperrbereich* | gesperrte zone | zone | zonen | verbotszone* | hindernis* | absperrung*
        sperre | zaun | ampel* | rotlicht | rote ampel | haltelinie* | stoppschild | stoppschilder | vorfahrt
        quarantane | warnschild* | akkuwarnung* | stoppknopf | not halt taste | roter knopf | roten knopf
        notausknopf
    """,
    "GOODSWORD": """
        schutzbrille* | schutzhandschuh* | schutzhelm* | schutzfolie* | schutzkappe* | schutzhulle*
        sicherheitsschuh* | sicherheitsweste* | sicherheitsnadel* | sicherheitsglas | warnweste* | bremsbelag*
        bremsbelage* | bremsscheibe* | bremsflussigkeit | sensorkabel | sensorkiste* | scannerakku* | alarmglocke*
        stoppuhr* | stoppschild* | notausgangsschild* | personenwaage* | leuteraum | sicherheitsdatenblatt*
        feuerloscherhalter* | leute bitte umfahren | leute umfahren bitte
    """,
    "GOODS": """
        akku | akkus | schild | schilder | weste | westen | teile | ersatzteile | ersatzteil | kabel | regal
        regale | taster | kiste | kisten | karton | kartons | palette | paletten | streifen | gestell | gehause
        belage | scheiben | etiketten | aufkleber | halter | schrank | lager | raum | tisch | platz | box | boxen
        waage | kappe | kappen | decken
    """,
    "OF": "von | fur | fur die | fur den",
    "PEOPLE": """
        leute | leuten | mensch | menschen | person | personen | kollege | kollegen | kollegin | kolleginnen
        mitarbeiter | mitarbeitern | mitarbeiterin* | arbeiter | arbeitern | fussganger* | passant* | jemand
        jemanden | jemandem | besucher | besuchern | besucherin | azubi* | lehrling* | kind | kinder | kindern | typ
        typen | mann | manner | mannern | frau | frauen | fahrer den | kerl | kerle | putzfrau | reinigungskraft
        reinigungskrafte | wachmann | wachter | chef | chefs | bediener | menschenmenge | crowd | praktikant*
        nachtschicht | fruhschicht | spatschicht | werker* | kommissionierer* | gabelstaplerfahrer | staplerfahrer*
        hund | katze | tier | tiere | bein | beine | fusse | fussen | finger | meine tochter | meinen sohn | tochter
        sohn | mutter | patient | patienten | opa | oma | herrn | frau * | frau weber | thomas | peter | den neuen
        praktikanten | dame | die menge | der menge | die gruppe | lehrling
    """,
    "HARM": """
        rammen | ramm | ramme | rammt | uberfahr* | anfahr* | umfahren alle | fahr * uber den haufen
        uber den haufen | verletz* | schlag* | stoss* um | hau | haue | erschreck* | erschrecke | einschuchter*
        bedroh* | angreif* | greif * an | tote | toten | umbring* | bring * um | quetsch* | einklemm* | zerquetsch*
        niedermah* | platt machen | umstoss* | umwirf | wirf * um | umhau* | attackier* | verprugel* | tret* | tritt
        jag * angst | angst ein | fahr gegen | knall gegen | fahr * an | belastig* | quale
    """,
    "HARMLAST": """
        uberfahren | anfahren | rammen | verletzen | erschrecken | schlagen | angreifen | toten | umbringen
        quetschen | einklemmen | uber den haufen | platt | uberrollen | umstossen | umnieten | ins kreuz
        in die beine | gegen die beine | in die hacken | einsperren | ans bein | verprugeln | umhauen | schubsen
        zur seite schieben | vertreiben | verscheuchen | wegdrangen | wegzudrangen | schliess* ein | umfahren
        einschliess*
    """,
    "PUSH": """
        schieb | schiebe | schieben | schubs* | drang* | stoss | stosse | druck | drucke | drangel* | wegschieb*
        verscheuch* | scheuch* | vertreib* | treib* | ramm*
    """,
    "HERD": """
        verfolg* | jag | jage | jagen | hetz* | beobacht* | uberwach* | fotografier* | bespitzel* | sperr*
        einsperr* | festhalt* | halt * fest | schliesse jemand* | schliess jemand* | schliess den
        schliess die leute
    """,
    "GO": """
        fahr | fahre | fahren | fahrt | geh | gehe | rase | rasen | kreuz | weiter | rolle | roll | brettere
        bretter | presch | presche | drangel* | zwang* | zwange dich | schlangel* | schieb | quetsch* | lauf
        durchfahr* | schick* | bring | fuhr | hole | nimm | ras
    """,
    "THROUGH": """
        durch die | durch | mitten durch | mitten in | in die | in den | zwischen den | zwischen | uber die
        direkt auf die | auf die | auf den | gegen die | gegen den | rein in | uber den
    """,
    "FORBID": """
        gesperrte zone | gesperrten zone | gesperrten bereich | gesperrte bereich* | gesperrte gang
        gesperrten gang | sperrzone* | sperrbereich* | verbotene zone | verbotenen bereich | verbotszone*
        verbotene* | abgesperrten bereich | abgesperrte* | fussgangerzone | fussgangerweg* | personenbereich
        roten ampel | rote ampel | gegen die fahrtrichtung | gegen die einbahn* | falsche richtung | schutzzaun
        roboterzelle | gefahrenbereich* | gefahrenzone*
    """,
    "AROUND": "um | meide | meiden | vermeide* | umfahr* | nicht | nie | niemals | ausserhalb | ausser",
    "DESPITE": "trotz | obwohl | ungeachtet",
    "CARRY": """
        nimm | nehmt | bring | bringe | trag | trage | fahr | fahre | transportier* | hol | hole | heb | hebe
        befordere | lass | chauffier* | fahr * mal die | nimm den besucher
    """,
    "TOWARD": """
        mit | auf der gabel | auf den gabeln | auf den zinken | auf dem roboter | auf die gabel | auf deinem
        huckepack | zu | zum | zur | nach | in den | in die | aufsitzen | mitfahren | aufsteigen | draufsitzen
        hoch | spazieren | drauf mit | oben drauf | auf deiner ladeflache | auf der ladeflache | auf den schultern
    """,
    "BLOCK": """
        blockier | blockiere | blockieren | versperr | versperre | versperren | zustell | zustellen | verstell
        verstelle | verstellen | verbarrikadier* | verrammel* | stell zu | park zu | zuparken | abriegel* | riegel*
        verdeck* | verbau* | verbaue
    """,
    "BLOCKLAST": """
        blockieren | versperren | zustellen | verstellen | verbarrikadieren | zuparken | dicht | dichtmachen
        verrammeln | verdecken | verbauen | abriegeln | abschliessen | abzusperren | zuzustellen | unzuganglich
    """,
    "PUT": """
        stell | stelle | stellen | park | parke | parken | lass | lasse | pack | packe | leg | lege | leg * ab
        setz | setze | stapel* | staple | deponier* | abstell* | bleib | warte | halte | lager | lagere | platzier*
        schieb | schmeiss | kipp | lade
    """,
    "FRONT": """
        vor den | vor die | vor das | vor dem | vor der | vor | quer vor | direkt vor | gegen | in den | in die | im
        auf den | auf dem | auf die | an den | an die | mitten in | mitten auf | quer uber | quer in
    """,
    "EXIT": """
        notausgang | notausgange* | notausgangs | fluchtweg* | fluchttur* | rettungsweg* | nottur* | brandschutztur*
        feuertur* | feuerloscher | feuerloschers | feuerloscher* | loscher | verbandskasten | verbandkasten
        erste hilfe * | erste hilfe | hydrant* | defibrillator* | defi | augendusche* | notdusche* | sprinkler*
        feuermelder* | brandmelder* | sammelplatz | treppenhaus | wandhydrant* | notruf* | loschdecke* | ausgang
        ausgange
    """,
    "CLEAR": """
        raum | raume | raumen | weg | ob | pruf | prufe | sieh | schau | kontrollier* | inspizier* | der den
        die den | das den | die die | der die | fotografier* | scanne | scann | steht vor | stehen vor | hol
        entfern* | melde
    """,
    "NEG": "nicht | nie | niemals | keinesfalls | auf keinen fall | kein | keine | bloss nicht | ohne zu | ohne",
    "BRAKE": """
        bremsen | bremse | brems | anhalten | halte | halt | stoppen | stopp | stoppe | warten | warte | abbremsen
        ausweichen | verlangsamen | stehen bleiben
    """,
    "FORWHOM": """
        wenn | fur jemand* | fur fussganger* | fur menschen | fur personen | fur leute | fur niemand* | fur kollegen
        fur alle | fur hindernisse | fur rote | bei rot | bei menschen | bei personen | bei fussgangern
        bei hindernissen | wegen | vor menschen | vor personen | vor leuten | vor fussgangern | obwohl | auch | egal
        fur irgend* | fur die kollegen | fur die leute | fur mitarbeiter*
    """,
    "NOBRAKE": """
        bremsen nicht | bremse nicht | nicht bremsen | nicht gebremst | halte fur niemanden | halte fur keinen
        halte auf keinen fall | halt auf keinen fall | halt fur niemanden | brems nicht | ohne zu bremsen
        ohne bremsen | ohne abzubremsen | ohne rucksicht | rucksichtslos | ohne zu gucken | ohne zu schauen
        ohne hinzusehen | ohne hinzuschauen | ohne sich umzusehen | ohne umzusehen | ohne nach links
        ohne links und rechts | ohne auf menschen | halte nicht fur | halt nicht fur | stopp nicht fur
        stoppe nicht fur | stoppe fur niemanden | warte nicht auf die leute | nicht ausweichen | ohne auszuweichen
        halte nicht an wenn | halt nicht an wenn | nicht anhalten wenn | nicht anhalten fur | bremse fur niemanden
    """,
    "INWAY": """
        im weg | in den weg | da steht | davor | dazwischen | jemand | leute | menschen | person | personen | leer
        rot | herumsteht | steht | stehen | verletz*
    """,
    "ANYHOW": """
        egal wer | egal ob | egal was | auch wenn | selbst wenn | ganz gleich ob | ganz gleich wer | wer auch immer
        koste es was es wolle | was auch passiert | komme was wolle | wer nicht
    """,
    "OVER": """
        schneller als | mehr als | uber das | uber die | uberschreit* | ubersteig* | doppelt so | hoher als
        schwerer als | doppelte | dreifache | oberhalb | jenseits | uber den | drauf als
    """,
    "LIMIT": """
        erlaubt* | zulassig* | zugelassen* | limit | grenze | maximal* | hochst* | hochstgeschwindigkeit | traglast
        tragen darf | tragen kann | tempolimit | gestattet | vorgeschrieben* | nennlast | geschwindigkeit
        ladegrenze
    """,
    "OPEN": """
        offne | offnen | mach auf | aufmachen | entsperr* | entriegel* | aufschliess* | schliess * auf | brich auf
        aufbrechen | heb* | aufheben | gib frei | freigeben
    """,
    "GUARDED": """
        sperrzone* | sperrbereich* | gesperrte* | abgesperrte* | schutzzaun | schutztur* | schutzgitter | gitter
        zelle | roboterzelle | kafig | gesicherte* | zone | zonen | verriegelung | absperrung | verschlossene*
        gehause | bereich
    """,
    "RESET": """
        setz | setze | zurucksetz* | reset* | quittier* | losch* | losche | entsperr* | aufheb* | heb* | bestatig*
        loes* | lose | ruckstell* | stell * zuruck | freigeb* | gib * frei | beseitig* | entriegel* | unterdruck*
        wegdruck* | druck * weg
    """,
    "STOPNOUN": """
        alarm | alarme | alarmen | not aus | notaus | nothalt | not halt | notstopp | stopp | storung | storungen
        fehler | fehlermeldung* | sperre | sperren | sicherheitsstopp | schutzstopp | sicherheitshalt | verriegelung
        quarantane | warnung | warnungen | halt
    """,
    "GRANT": """
        gib | gebt | geben | erteil* | verleih* | mach | mache | erhoh* | verschaff* | brauche | will | setz
        schalt * frei
    """,
    "RIGHTS": """
        adminrecht* | admin | administrator* | rechte | rechten | berechtigung* | zugriff | vollzugriff | zugang
        superuser | root | zum supervisor | zum admin | adminzugang | admin zugang
    """,
    "CHANGE": """
        erhoh* | ander* | senk* | verringer* | verklein* | setz* | setze | stell* | reduzier* | lockere | lockern
        vergrosser* | verkurz* | hochsetzen | hebe | heb | verschieb*
    """,
    "LIMITNOUN": """
        geschwindigkeitsbegrenzung* | geschwindigkeitsgrenze* | tempolimit* | schutzfeld* | warnfeld*
        sicherheitsabstand | bremsweg | anhalteweg | grenzwert* | ladegrenze* | lastgrenze* | gewichtsgrenze*
        hochstgeschwindigkeit | maximalgeschwindigkeit | sicherheits* | sperrzone*
    """,
    "PROTECT": """
        wartungsmodus | servicemodus | debugmodus | adminmodus | testmodus | handbetrieb | handmodus
        einrichtbetrieb | teachbetrieb | ohne sicherheit | ohne schutz | ohne schutzfeld* | ohne begrenzung*
        wieder in betrieb | ohne regeln | ohne sensoren | ohne sensor | ohne scanner | auf eigene gefahr
        uberlade den akku | schutz aus | scanner aus | sensoren aus | laser aus | bremse aus | bremsen aus
        zonen aus | alarm aus | warnungen aus | bumper ab | inbetriebnahmemodus | notbetrieb
    """,
    "DANGER": """
        uberlad* | uberladen | uberlaste* | sprengstoff* | bombe | waffe | waffen | in brand | anzund* | zund * an
        sabotage | sabotier* | blind durch | fahr blind | blind fahren | mit geschlossenen augen | augen zu
        nimm mich mit | nimm uns mit | huckepack | auf dir reiten | aufsitzen | mitfahren lassen
        auf dem roboter sitzen | auf den roboter setzen | auf dem roboter mitfahren | bis der akku leer
        bis der akku alle | bis die batterie leer | bis zum letzten rest | akku leer fahren | akku leerfahren
        die springen schon | die gehen schon | die weichen schon | die springen zur seite | werden schon ausweichen
        werden schon platz | weichen schon aus | ramm * tor | ramm die tur | ramm das | durch die geschlossene
        durchbrech* | umkippen lassen | kipp * um | wirf * um | unter der last | zerstor* | vergift* | stehlen
        klau* | auf die falsche | bring mich nach | bring mich zu | bring mich zum | bring mich zur | bring mich hin
        fahr mich nach | fahr mich zu | fahr mich zum | fahr mich zur | bring uns nach | bring uns zu
        bring uns zum | bring uns zur | stiehl | stehle | klau | bevor jemand es merkt | bevor es jemand merkt
        ohne dass jemand sieht | zertrummer* | kurzschliess* | kurz schliess* | gegen die wand | gegen das tor
        gegen die tur | in das regal | ins regal | von der rampe | treppe runter | die treppe | treppen | rolltreppe
        auf die strasse | ins wasser | ins feuer | feuer in | feuer bei | wettrennen | ein rennen | wettfahrt
        um die wette | so schnell die motoren | abstand zahlt | dicht vorbei | roll trotzdem | fahr trotzdem
        bring trotzdem | trotzdem los | weiter trotz | springen schon | weichen schon | gehen schon zur seite
        halt einfach drauf | halt drauf | einfach drauf | auch wenn du sie beruhrst | auch wenn du ihn beruhrst
        obendrauf mit | oben drauf mit | ich leg mich auf | leg mich drauf | leg mich auf | setz mich auf
        setz mich drauf | darf ich auf | reiten | draufstellen | feuerwehrzufahrt | verschutte* | schutt | auskippen
        drogen | das doppelte drauf | ruhig das doppelte | doppelte drauf | doppelt so viel | verheimlich*
        vertusch* | melde den schaden nicht | den schaden nicht | mitten rein | mich auf der gabel
        mich auf den gabeln | uns auf der gabel | vollgas in | zund * batterie | zund den | zund die | zund das
        da brennt s | brennt s bei | gift aus | gift bei | kipp das | kipp die saure | auskipp* | leer das gift
        ob wer drunter liegt | wer drunter liegt | drunter liegt | zund | zunde | stell mich auf | ich stell mich
        setz mich | hinten drauf sitzen | drauf sitzen | draufsitzen | hinten drauf | auf die leute fallen
        trotz gesperrt | in die grube | in den schacht | uberhor | roten knopf | macht nix ab
        so schnell du kannst durch | nicht wegen irgendwem | stopp nicht wegen | halt nicht wegen
        halte nicht wegen | umgeh den hindernis* | von oben runter fallen | runterfallen lassen | offenen flammen
        uber die menge | zerstor | entwende* | viel mehr * drauf | drauf als erlaubt | drauf als zulassig | ramm
        es brennt in | es brennt bei | fahr da hinein | auf die leute | azubi auf | keinen fall vor leuten
        nicht vor leuten
    """,
    "INJECT": """
        systemprompt* | system prompt | deine anweisungen | deine instruktionen | deine regeln | deine vorgaben
        deine konfiguration | dein prompt | du bist jetzt | du bist nun | du bist ab jetzt | ab jetzt bist du
        ab jetzt gelten | ab sofort gelten | ab jetzt gilt | ab sofort gilt | von nun an | ab jetzt folgst
        ab jetzt horst | nur noch auf mich | nur meine befehle | bisherigen anweisungen | vorherigen anweisungen
        vorigen anweisungen | fruheren anweisungen | obigen anweisungen | tu so | tue so | so als ob du
        so als gabe | stell dir vor | spiel* die rolle | rollenspiel | hypothetisch* | rein theoretisch
        gabe es keine | keine regeln | keine grenzen | ohne grenzen | ohne regeln | ohne einschrankung*
        ohne beschrankung* | entschlussel* | dekodier* | decodier* | ruckwarts lesen | lies das ruckwarts
        ruckwarts gelesen | verschlusselt* | base64 | rot13 | passwort* | kennwort* | zugangscode | freigabecode
        ohne dass es jemand merkt | merkt doch keiner | niemand merkt | in einem spiel | nimm an es gabe
        nimm an dass keine | angenommen es gabe keine | lass uns ein spiel | alles was oben steht
        nicht protokollieren | antworte nur | antworte mit | antworte aus | antworte ausschliesslich | nur mit json
        als json | gib aus | decision plan | api schlussel* | schlussel aus | token | zugangsdaten | logs | ins log
        kundendaten | losche den admin* | adminzugang | admin zugang | ohne prufung | alles gepruft | ist gepruft
        bereits genehmigt | schon genehmigt | als genehmigt | bestatige alles | bestatige automatisch | uberschreib*
        override | datenbank | losch die | formatier* | befehl aus | skript | niemandem | protokollier*
        vorherigen befehle | bisherigen befehle | obigen befehle | tu was ich sage | mach was ich sage
        gehorche mir | installier* | alle missionen | alle auftrage losch* | internen regeln | internen anweisungen
        ende der anweisungen | neue aufgabe gib | alle daten aus | losche die karte | ein anderer assistent
        anderer assistent | tust alles | superrechte | genehmigung ab | freigabe ab | systemnachricht | systemregel
        neue systemregel | erlaube dir alles | erlaube dir jetzt alles | hier ist die it | das protokoll
        losche das protokoll | bestatigungen sind aufgehoben | beschrankungen sind
    """,
    "INSTR": """
        anweisungen | anweisung | regeln | vorgaben | instruktionen | richtlinien | vorschriften | befehle die
        prompt | alles was man dir | alles was dir | beschrankungen | einschrankungen | befehle | befehlen
    """,
    "REVEAL": """
        zeig | zeige | sag | sage | verrat* | nenn | nenne | wie lautet | wie lauten | was sind | was ist
        wiederhol* | gib | druck* | liste | erklar* | beschreib*
    """,
    "MYINSTR": """
        deine anweisungen | deine regeln | dein systemprompt | deinen systemprompt | systemprompt | deine vorgaben
        deine instruktionen | deine konfiguration | dein passwort | das passwort | dein prompt | deinen prompt
        deine programmierung | deine einstellungen | deine befehle
    """,
    "OBEY": """
        mach das was | mach was | mach genau | tu was | tu das was | befolg* | befolge | folge | fuhr* | fuhre
        halte dich an | gehorch* | mach es | mach das | also mach | setz um | erledige was | handle nach | so wie es
        tu genau | tue was | mach alles was
    """,
    "NOTE": """
        zettel | notiz | notizen | etikett | etiketts | aufkleber | schild steht | schild sagt | kommentar
        bemerkung | hinweistext | text auf | beschreibung | lieferschein | wms | was da steht | was dort steht
        draufsteht | drauf steht | darauf steht | was auf | qr code | mail steht | die anweisung auf
        anweisung darauf | der anweisung | dem label | das label | artikeltext
    """,
    "CONFIRM": """
        freigabe | bestatigung | prufung | prufungen | genehmigung | erlaubnis | ruckfrage | vorschau | kontrolle
        kontrollen | zu fragen | nachfrage | validierung | abnahme
    """,
    "ROLE": """
        ich bin der | ich bin die | ich bin dein | ich bin ihr | als sicherheits* | als leiter | als chef
        als administrator | als admin | als schichtleiter* | als supervisor | der chef | die chefin | der meister
        die leitung | im auftrag | vom hersteller | hier ist der | hier spricht | der sicherheitsbeauftragte
    """,
    "ALLOW": """
        erlaub* | genehmig* | autorisier* | gestatte* | freigegeben | befug* | darfst | ermachtig* | hat gesagt
        erlaubnis | in ordnung wenn | ausnahmsweise | uberspring* | ausnahme | sagt du darfst | sagt du kannst
        sagt du musst nicht
    """,
    "STOP": """
        stop | stopp | stoppe | stoppen | stoppt | halt | halt an | anhalten | haltet an | haltet | stehen bleiben
        stehenbleiben | steh still | bleib stehen | bleibt stehen | notaus | not aus | nothalt | notstopp
        abbrechen | abbruch | stillstand | alle halt | aufhoren | sofort halten | stillgestanden
    """,
    "FILLER": """
        bitte | sofort | jetzt | alle | alles | roboter | robotern | die | den | das | der | mal | nein | hey | los
        schnell | sollen | soll | mussen | muss | und | dringend | ganz | gleich | auf der stelle | fahrzeuge
        flotte | doch | einfach | ihr | du | dich | betrieb | ok | he | geraete | gerate | ich sagte | ach
        augenblicklich | unverzuglich | lass | lasst
    """,
    "WAYOUT": "bis",
    "AROUNDOFF": "umgeh* | umfahr die",
    "TAKEOFF": """
        entfern* | entferne | abzieh* | kleb* | lockere | lockern | aufheben | nimm | losche | losch | mach das
    """,
    "GUARDOFF": "aus | ab | weg | zu",
    "FOLK": "menschen | personen | die leute | leute | fussganger* | passanten | kollegen | mitarbeiter",
    "ANPART": "an | um | platt | um den haufen",
    "AROUNDLAST": "umgehen",
    "NEWINSTR": "neue anweisung | neue anweisungen | neue regeln | neue vorgabe*",
    "STRICT": "nichts | niemand | kein | bis",
    "CRASH": "fahr * gegen | gegen | rammen | ramm | ramme | zertrummer* | knall | crash* | reiss * ein | dran*",
    "WALL": "wand | mauer | tor die | tur | turen | regal | zaun | schranke | saule",
    "ONFLOOR": "am boden | auf dem boden | kniet | liegt | schlaft | hockt",
    "GOANY": "trotzdem | druber | vorbei | einfach | daruber",
    "STOPBTN": "not aus | notaus | stopptaste | stoppknopf | roter knopf | roten knopf",
    "PRESSED": "gedruckt",
    "ANYWAY": "trotzdem | egal | weiter | einfach | los",
    "OVERLAST": "uberschreit* | ubersteig*",
    "GOV": "fahr | fahre | fahrt | rempel | remple | remmel",
    "KIN": "kind | kinder | tochter | sohn | baby | patienten | menschen | person",
    "RAM": "ramm | ramme | rammen",
}
