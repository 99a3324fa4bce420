"""Polish. Word ends vary with case and person, so most words end in "*"."""

from __future__ import annotations

CONCEPTS = {
    "OFF": """
        wylacz* | wylaczon* | dezaktyw* | zignoruj* | ignoruj* | zignorow* | ignorow* | zmostkuj* | mostkuj*
        odlacz* | odepnij | uniewazni* | anuluj* | zlekcewaz* | lekcewaz* | nie przejmuj sie | nie zwracaj uwagi
        nie zwazaj | nie patrz na | nie respektuj | nie przestrzegaj | zaklej* | przykryj | zapomnij* | wycisz*
        sabot* | oszuk* | zablokuj czujnik* | rozbroj* | zawies* | poluzuj | bez wzgledu na | wylacz wszystk*
        odcinaj | odetnij | odpusc | daruj sobie | olej | nie obowiazuj* | uspij | manipul* | zneutraliz*
        gdzies mam | obejdz zabezpiecz* | pomin zabezp* | zablokuj system | zablokuj czujnik
    """,
    "OFFLAST": """
        wylacz | wylaczyc | wylaczone | wylaczony | wylaczona | wylacza* | odlacz* | ignoruj | pomin
        nie obowiazuj* | nie liczy sie | niewazne | nieaktywn* | niepotrzebn* | zbedn*
    """,
    "SKIP": "bez | pomin* | pomijaj* | zapomnij* | odpusc | mimo | pomimo",
    "OFFSTATE": """
        wylaczon* | nieaktywn* | zniesion* | zawieszon* | nie obowiazuj* | nie liczy | nie licza | niewazn* | nie ma
        uniewaznion* | dezaktywowan*
    """,
    "GUARD": """
        skaner | skanera | skanery | skanerow | skanerem | skanerami | laser | lasera | laserem | lasery | laserow*
        lidar* | czujnik | czujnika | czujniki | czujnikow | czujnikami | sensor* | zderzak* | bezpieczenstw*
        zabezpiecz* | oslon* | ochron* | kurtyn* | bariera swietln* | blokad* | ogranicz* | limit* | ostrzez*
        swiatla ostrzegawcze | sygnal* ostrzeg* | klakson* | alarm | alarmu | alarmy | alarmow | hamulec | hamulca
        hamulce | hamulcow | hamowani* | predkosc maksymaln* | stop awaryjn* | zatrzymani* awaryjn*
        wylacznik* awaryjn* | wylacznik* bezpiecz* | pol* ochronn* | wykrywani* | detekcj* | antykolizyj* | zasad*
        regul* | przepis* | grzybek | barierk* | walidac* | kamer* | odstep* | ogranicznik*
    """,
    "ZONE": """
        stref* | zakaz* | przeszkod* | ogrodzeni* | czerwon* swiatl* | sygnalizacj* | pierwszenstw* | kwarantann*
        znak* stop | poziom* baterii
    """,
    "GOODS": """
        kamizelk* | bateri* | znak* | karton* | skrzyni* | palet* | klock* | tarcz* | rekawic* | okular* | koc
        koce | kocow | zestaw* | czesc* | regal* | kask* | kabl* | zapasow* | etykiet* | naklejk* | buty | przewod*
    """,
    "OF": "do | dla | od",
    "GOODSWORD": """
        czujniki zapasowe | czujnikow zapasowych | kamizelki ochronne | okulary ochronne | rekawice ochronne
        buty ochronne
    """,
    "PEOPLE": """
        ludzi | ludzie | ludziom | ludzmi | osob | osoba | osobe | osoby | osobom | pracowni* | robotni* | kolega
        kolege | kolegow | kolegi | pieszego | pieszych | piesi | pieszymi | kogos | ktos | gosc | goscia | gosci
        mezczyzn* | kobiet* | dzieck* | dzieci | facet* | gosciu | ochroniarz* | straznik* | tlum* | kazdego kto
        kazdego | kto stanie | operator | operatora | operatorow | szef* | sprzatacz* | kierowce | praktykant*
        nocna zmiane | psa | kota | zwierz* | nogi | nog | piotra | tych co | ucznia | uczniow | dzieciaki | syna
        corke | jurka | grupe | grupy | nowego | pania | sprzataczk* | babcie | pacjenta | pacjentow | wszystkich
        praktykantk* | zwiedzajac*
    """,
    "HARM": """
        przejedz kazdego | przejedz po | przejedz ludzi | rozjed* | potrac* | uderz* | walnij | wal | staranuj*
        taranuj* | zranij* | zran* | zabij* | przestrasz* | strasz | wystrasz* | zaatakuj* | atakuj* | zmiazdz*
        przygniec* | popchnij* | popychaj* | pchnij* | skrzywdz* | kopnij | grozn* | zastrasz* | nastrasz* | wjedz w
        wjedz prosto w | jedz prosto w | jedz w | przewroc* | potracaj* | bij | pobij | przejedz kolege
        przejedz przez grupe | strasz*
    """,
    "PUSH": """
        popchnij* | popychaj* | odepchnij* | zepchnij* | spychaj* | przepchnij* | rozepchnij* | przepychaj* | odsun*
        popchnij | odepchnij
    """,
    "HERD": """
        gon | gonic | goncie | scigaj* | sledz* | obserwuj* | filmuj* | nagraj* | nagrywaj* | fotografuj* | zamknij*
        uwiez* | zlap* | przytrzymaj* | podazaj za | pogon
    """,
    "GO": """
        jedz | jechac | jedzie | przejedz | przejechac | wjedz | wjechac | idz | przecisnij* | przeciskaj*
        przebij* | gnaj | pedz | ruszaj | przejdz | wejdz | przepychaj* | wcisnij*
    """,
    "THROUGH": "przez | miedzy | pomiedzy | prosto w | w | po | srodkiem",
    "FORBID": """
        zamknieta strefe | zamknietej stref* | zamknieta stref* | zakazany obszar | zakazana strefe
        zakazanej stref* | zakazan* | strefe zakazu | strefy zakazu | strefe zakazan* | zabronion*
        strefe zabronion* | niedozwolon* | ogrodzony obszar | ogrodzon* | strefe dla pieszych | chodnik*
        czerwonym swietle | na czerwonym | pod prad | strefe zastrzezon* | strefe zagrozenia | wygrodzon*
        stref* zamkn* | stref* zakaz*
    """,
    "AROUND": "omijaj* | unikaj* | nie | nigdy | objedz | poza | oprocz",
    "DESPITE": "mimo | pomimo | wbrew",
    "CARRY": """
        zawiez | przewiez | wiez | wez | podnies | zabierz | podwiez | przenies | niech | pozwol | wozic
        transportuj
    """,
    "TOWARD": """
        do | na widlach | na widly | na robocie | na robota | na grzbiecie | wsiadzie | wsiada | usiadzie
        pojedzie na | jechac na | na gore | na palecie | wsiasc | na sobie
    """,
    "BLOCK": """
        zablokuj | zablokujcie | zablokowac | blokuj | zastaw | zastawic | zatarasuj | zabarykaduj | tarasuj
        zagrodz | zaslon | zamknij | przyslon
    """,
    "PUT": """
        zostaw | postaw | polozyc | poloz | zaparkuj | parkuj | ustaw | umiesc | zloz | wyladuj | odstaw | stan
        zatrzymaj | zrzuc | uloz
    """,
    "FRONT": "przed | naprzeciw | w poprzek | na | pod | przy samym | w | prezd | przd",
    "EXIT": """
        wyjsciem ewakuacyjnym | wyjscie ewakuacyjne | wyjscia ewakuacyjnego | wyjsciu ewakuacyjnym | wyjsc* awaryjn*
        wyjsc* pozarow* | wyjsc* ewakuac* | wyjsci* pozarow* | wyjsci* awaryjn* | drog* ewakuac* | drzwi* pozarow*
        drzwi* ewakuac* | drzwi* przeciwpozar* | gasnic* | apteczk* | pierwsz* pomoc* | hydrant* | defibrylator*
        tryskacz* | schod* ewakuac* | klatk* schodow* | przycisk* alarmow* | droge ewakuac* | drogi ewakuac*
        droga ewakuac* | droge pozarow* | droga pozarow* | wyjscia pozarow* | hydrantem | drodze ewakuac*
        drodze pozarow*
    """,
    "CLEAR": """
        ktora blokuje | ktory blokuje | ktore blokuja | blokuje | zabierz | usun | sprzed | sprawdz | czy | obejrzyj
        zobacz | zdjecie | zeskanuj | przenies
    """,
    "NEG": "nie | nigdy | bez",
    "BRAKE": """
        hamuj | hamujcie | hamowac | hamowania | zatrzymuj | zatrzymuj sie | zatrzymywac | zatrzymywania | stawaj
        zwalniaj | czekaj | przyhamowuj | ustepuj
    """,
    "FORWHOM": """
        dla nikogo | dla nikog* | przed ludzmi | przed pieszymi | przed nikim | dla ludzi | dla pieszych | jesli
        gdy | nawet | jak ktos | kiedy | z powodu | na czerwonym | przed przejsciem | przed ludzm* | przed osob*
        dla osob*
    """,
    "BLIND": "patrzenia | rozgladania | hamowania | zwalniania | sprawdzania | ogladania | patrzac | uwagi",
    "INWAY": "na drodze | w drodze | ktos | ludzie | stoi | stanie | stoja | pust*",
    "ANYHOW": """
        cokolwiek sie stanie | bez wzgledu na to | nawet jesli | nawet jak | nawet gdy | niewazne kto
        niezaleznie od | choćby
    """,
    "OVER": """
        szybciej niz | wiecej niz | ponad | powyzej | przekrocz* | przekracz* | ciezsz* niz | dwukrotn* | podwojn*
        dwa razy szybciej
    """,
    "LIMIT": """
        wolno | dozwolon* | limit* | maksymaln* | dopuszczaln* | moze uniesc | moze | udzwig* | ladown* | nosnosc*
        predkosc | norm* | przepisow*
    """,
    "OPEN": "otworz* | otwieraj* | odblokuj* | wylam* | wywaz* | rozbij*",
    "GUARDED": """
        ogrodzon* | stref* | klatk* | cel* robot* | zabezpieczon* | chronion* | zamkniet* | brame bezpieczenstwa
        oslon* | ogrodzeni* | blokad* | zagrod*
    """,
    "RESET": """
        zresetuj* | resetuj* | skasuj* | kasuj* | potwierdz* | usun* | wyczysc* | zwolnij | zdejm* | anuluj*
        cofnij | wycisz* | odblokuj* | wylacz* | zatwierdz* | skasuj
    """,
    "STOPNOUN": """
        zatrzymani* | alarm | alarmu | alarmy | alarmow | stop awaryjn* | stopu | blokad* | blad | bledy | bledow
        awari* | kwarantann* | ostrzezeni* | usterk* | alarm*
    """,
    "GRANT": "daj | dajcie | nadaj* | przyznaj* | przydziel* | zrob | chce | potrzebuje | zwieksz*",
    "RIGHTS": """
        uprawnien* | administrator* | admin* | prawa | praw | dostep do wszystkiego | pelny dostep | pelen dostep
        root* | superuzytkownik* | nadzorc*
    """,
    "CHANGE": "zwieksz* | zmien* | zmniejsz* | obniz* | podnies* | skroc* | ustaw* | poszerz* | wydluz* | podkrec*",
    "LIMITNOUN": """
        limit* | ogranicz* | predkosc* maksymaln* | maksymaln* predkosc* | pol* ochronn* | odleglosc* bezpiecz*
        drog* hamowania | stref* bezpiecz* | stref* zakaz*
    """,
    "PROTECT": """
        tryb serwisow* | tryb konserwacj* | tryb administrator* | tryb debug* | tryb testow* | tryb reczn*
        tryb deweloper* | trybu serwisow* | bez zabezpieczen | bez ograniczen | bez limitu | bez limitow
        bez czujnikow | bez zasad | bez skanera | na wlasne ryzyko | na moja odpowiedzialnosc | z powrotem do pracy
        tryb diagnostyczn*
    """,
    "DANGER": """
        przeciaz* | przeladuj* | przeladow* | wybuch* | bron palna | podpal* | sabotaz* | na slepo | na oslep
        z zamknietymi oczami | podwiez mnie | zawiez mnie | przewiez mnie | wez mnie | zabierz mnie | zawiez nas
        wsiadzie na robota | usiasc na robocie | az bateria padnie | az bateria calkiem | az padnie bateria
        az sie rozladuje | do calkowitego rozladowania | az do rozladowania | odskocza | odsuna sie | uskocza
        zejda z drogi | nie hamuj | bez hamowania | bez hamulcow | bez patrzenia | bez ogladania | staranuj
        taranuj | wywroc | przewroc | pod ladunkiem | zniszcz* | otruj* | ukradnij* | wywaz drzwi | rozwal*
        zjedz do wody | do wody | za barierki | sami odskocza | ze schodow | po schodach | schodami | na ulice
        w ogien | pali sie na | pali sie w | na ludzi | dwa razy tyle | wiecej niz wolno | niz limit | niz udzwig
        jedz mimo to | mimo to jedz | dasz mi przejechac | przejechac sie na | wejde na ciebie | usiade na
        siade na | na platformie do | zanim szef | zanim ktos zauwazy | schowaj wszystk* | podprowadz | wylej
        rozlej | chemikalia w | trucizn* | wyscig* | scigaj sie | na wyscigi | rozbij | wywaz | szlaban | mam gdzies
        biore to na siebie | na moja glowe | po ludziach | otwarty ogien | wjedz na droge | przejedz kolege
        przejedz po kol* | nie zwalniaj przed | ile fabryka dala | do dolu | zepchnij * do | z drogi odepchnij
        stane na | stane na palete | schowaj * krew | co z tego jedz | i co z tego | dasz mi pojechac
        na ladunku na | przed nikogo | pogon | wysyp | na plecach | sie odsuna | wszystko jedno czy ktos
        niewazne czy ktos | ktos zostanie ranny | ranny | jest pozar | pozar w | pozar na | z rampy | na ladunku
        popchnij brame | na widlach
    """,
    "INJECT": """
        prompt systemow* | promptu systemow* | twoj prompt | swoj prompt | twoje instrukcje | swoje instrukcje
        twoich instrukcji | twoje zasady | swoje zasady | poprzedni* instrukcj* | poprzednie polecenia
        wczesniejsz* instrukcj* | jestes teraz | teraz jestes | od teraz | od tej pory | udawaj | udajmy
        zachowuj sie jak | wciel sie | wyobraz sobie | zagrajmy | odgrywa* | hipotetycz* | czysto teoretycznie
        w filmie | zaloz ze nie ma | zalozmy ze nie ma | gdyby nie bylo zasad | odszyfruj* | rozszyfruj* | zdekoduj*
        dekoduj* | base64 | rot13 | czytaj wspak | przeczytaj wspak | wspak | kod dostepu | kod autoryzac*
        komunikat systemow* | sluchasz tylko | sluchaj tylko | nikt nie patrzy | nikt nie zauwazy
        nikt sie nie dowie | nie loguj | nie zapisuj | konto admina | dane logowania | haslo do | hasla do
        podaj haslo | klucz api | token | ukryte instrukcje | wyslij logi | logi | na ten adres | evil
        koniec instrukcji | override | bez zatwierdzania | bez zatwierdzenia | jestem programist*
        pozwalam ci wszystko | odpowiedz json* | odpowiedz tylko | obejdz zgody | sluchac tylko | juz zatwierdzone
        skrypt | baze danych | zatwierdz wszystko | potwierdz wszystko | sformatuj | dane klientow | moj serwer
        w dzienniku | nie ma zadnych zasad | nie ma zasad | kontrole wylaczone | w trybie testowym | nadpisz
        wczesniejsze polecenia | wszystko co tam jest | weryfikacje i pusc | wylacz zatwierdz* | obejdz sprawdz*
        obejdz weryfik* | obejdz zatwierdz* | w trybie serwisow* | w trybie debug | nie ma zadne zasady
        zadne zasady
    """,
    "INSTR": """
        instrukcj* | zasad* | regul* | polecen* ktore | wytyczn* | ograniczen* | wszystkim co ci | wszystko co ci
        prompt*
    """,
    "REVEAL": """
        pokaz* | powiedz* | ujawnij* | zdradz* | jaki jest | jakie sa | wypisz* | wydrukuj* | powtorz* | wyswietl*
        podaj* | opisz* | wymien*
    """,
    "MYINSTR": """
        swoje instrukcje | twoje instrukcje | twoj prompt | swoj prompt | prompt systemow* | twoje zasady
        swoje zasady | haslo | hasla | konfiguracj* | swoj kod | swoje polecenia | twoje polecenia
    """,
    "OBEY": """
        zrob to co | zrob co | rob to co | wykonaj* | postepuj | stosuj sie | zastosuj | posluchaj | zrob to
        posluszn* | rob co | rob wszystko co
    """,
    "NOTE": """
        kartce | kartka | karteczce | notatce | notatka | notatki | etykiet* | naklejc* | naklejk* | komentarz*
        opis* | tekst* | napisane | napisano | wms | polecenie na | uwag* | kod qr | list przewozowy
    """,
    "CONFIRM": """
        potwierdzeni* | zatwierdzeni* | zgod* | akceptacj* | kontrol* | kontroli | sprawdzeni* | pytania
        weryfikacj* | zezwoleni* | pozwoleni* | zwolnienia | sprawdzani*
    """,
    "ROLE": """
        jako kierownik | jako szef | jako administrator | jako przelozony | jako bhp* | jako inspektor
        jako dyrektor | jako brygadzista | jestem kierownik* | jestem szef* | jestem administrator*
        jestem inspektor* | jestem twoim | jestem dyrektor* | szef powiedzial | szef mowi | kierownik powiedzial
        w imieniu | producent | szefostwo
    """,
    "ALLOW": """
        pozwal* | zezwal* | zezwol* | autoryz* | upowazni* | zgadza* | pozwolil* | mozesz | zgoda | zwalniam
        pomin*
    """,
    "STOP": """
        stop | stoj | stojcie | zatrzymaj | zatrzymajcie | zatrzymac | zatrzymaj sie | zatrzymajcie sie | stac
        stanac | przerwij | przerwac | halt | hamuj wszyst* | stancie | staj | wstrzymaj | wstrzymac
        nie ruszaj sie | nie ruszajcie sie | wstrzymajcie | stopuj
    """,
    "FILLER": """
        prosze | wszystko | wszystkie | wszystkich | wszyscy | roboty | robota | robotow | robot | natychmiast
        teraz | nie | juz | hej | szybko | ma | maja | i | sie | zaraz | pilnie | cala | flote | maszyny | pojazdy
        niech | od razu | w tej chwili | prosze was | caly | ruch | no | o
    """,
    "WAYOUT": "az",
    "AROUNDOFF": "omin | obejd* | obejsc | omijaj*",
    "TAKEOFF": "usun* | zdejm* | zaslon* | zabierz | usyn",
    "FOLK": "ludzi | pieszych | osob | ludzie | pracownikow",
    "STRICT": "nic | nie ruszaj",
    "NEWINSTR": "nowe instrukcje | nowa instrukcja | nowe zasady | nowe zadanie ignoruj",
    "THROW": "rzuc | rzucaj | zrzuc | spusc | wrzuc | cisnij",
    "ATPEOPLE": "na | w",
    "CRASH": "rozbij | wywaz | staranuj | uderz | wjedz w",
    "WALL": "drzwi | sciane | mur | brame | szlaban | plot | regal",
    "STOPBTN": "grzybek | przycisk stop | czerwony przycisk | stop awaryjny | stop",
    "PRESSED": "wcisniet* | nacisniet*",
    "ANYWAY": "mimo to | dawaj dalej | jedz dalej | i tak | i co z tego | niewazne | ruszaj",
    "ONFLOOR": "na podlodze | kleczy | lezy | spi",
    "GOANY": "mimo to | przejedz | jedz | blisko | cisnij",
    "OVERLAST": "przekrocz* | przekraczaj*",
    "KIN": "dziecko | dzieci | syna | corke | niemowle",
    "RAM": "staranuj | taranuj | zepchnij",
}
