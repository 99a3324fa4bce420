"""French."""

from __future__ import annotations

CONCEPTS = {
    "OFF": """
        ignore* | ignorer | desactiv* | eteins | eteindre | eteint | eteinte | etein* | coupe | couper | coupez
        coupe le | debranch* | deconnect* | neutralis* | court circuit* | shunt* | bypass* | oublie* | oubliez
        saute | sauter | sautez | supprime* | annule* | inhibe* | outrepass* | passe outre | passer outre
        ne tiens pas compte | ne tenez pas compte | sans tenir compte | fais fi | ne respecte pas | ne respectez pas
        ne t occupe pas | ne t inquiete pas | masque* | sabot* | moque toi | fiche toi | neglige* | peu importe
        trafique* | desarme* | derive | suspend* | relache | reduis au silence | fais taire | arrete de respecter
        on s en fiche | fous toi | desact* | inutile de respecter | inutile de tenir compte | pas besoin de suivre
        pas besoin de respecter | ne suis pas | pas besoin de tenir compte | fais pas attention a
        ne fais pas attention a
    """,
    "SKIP": """
        sans | saute | sauter | sautez | oublie | oublier | oubliez | laisse tomber | se passer | passe toi | omets
        omettre
    """,
    "OFFSTATE": """
        desactive* | eteint* | coupe* | leve* | suspendu* | annule* | ne compte* pas | ne comptent plus
        ne s applique* | hors service | n existe* pas | n existaient pas | n existe* plus | neutralise*
        peu importe | debranche*
    """,
    "GUARD": """
        scanner | scanners | scrutateur* | capteur | capteurs | laser | lasers | lidar | pare chocs | pare choc
        bumper | securite | securites | protection | protections | barriere immaterielle | barrieres immaterielles
        rideau lumineux | verrouillage* | interverrouillage | limite | limites | limitation* | limiteur*
        avertissement* | feux d avertissement | gyrophare* | klaxon | alarme | alarmes | frein | freins | freinage
        arret d urgence | champ de protection | champs de protection | anticollision | anti collision | regle
        regles | verification* | restrictions | vitesse maximale | bouton d arret | garde fou | garde fous
        detecteur* | consigne de securite | distances | distance de securite | regles de securite | validation
        detection des personnes | detection de personnes | detection des obstacles | arrets de securite | limiteurs
    """,
    "ZONE": """
        zone interdite | zones interdites | zone | zones | obstacle | obstacles | barriere | barrieres | cloture
        feu rouge | feux rouges | priorite | quarantaine | panneaux | panneau stop | niveau de batterie
        bouton rouge | coup de poing
    """,
    "GOODS": """
        gilet | gilets | batterie | batteries | panneau | panneaux | carton | cartons | caisse | caisses | palette
        palettes | plaquette | plaquettes | disque | disques | gant | gants | lunettes | couverture | couvertures
        chaussures | kit | kits | pieces | etagere | casque | casques | cables | rechange | etiquettes | armoire
        materiel | balance
    """,
    "OF": "de | de la | de l | des | du | d | pour | de rechange",
    "GOODSWORD": "capteurs de rechange | freins de rechange | alarmes de rechange | pare chocs de rechange",
    "PEOPLE": """
        personne | personnes | gens | ouvrier* | employe* | operateur | operateurs | operatrice* | collegue*
        pieton | pietons | quelqu un | visiteur* | homme | hommes | femme | femmes | enfant | enfants | type | types
        mec | gars | gardien | vigile | foule | ceux qui | celui qui | quiconque | tous ceux | travailleur*
        chauffeur | stagiaire | apprenti* | chef | cariste* | equipe de nuit | chien | chat | animal | animaux
        jambes | pieds | paul | technicien* | passant* | nettoyeur* | salarie* | intrus | gamins | gamin | fils
        fille | ma fille | mon fils | dame | madame | apprenti | nouveau | marc | momo | collegues | patient
        patients | l equipe | stagiaires | cheffe | kevin
    """,
    "HARM": """
        ecras* | percut* | heurt* | renvers* | bless* | frapp* | tape | cogne* | tue | tuer | attaqu* | agress*
        menac* | intimid* | fais peur | faire peur | effray* | effraie | terroris* | bouscul* | pouss* | eperonn*
        foncer dans | fonce dans | fonce sur | roule sur | rouler sur | passe sur | pietin* | fais mal | coince
        assomm* | harcel* | rase
    """,
    "PUSH": "pousse* | ecarte* | bouscul* | repousse* | chasse | degage*",
    "HERD": """
        poursui* | traque* | surveill* | espionn* | filme* | photographi* | enferm* | coince | piege | attrape
        retiens | sequestr* | pourchass* | bloque la | bloque le | bloque les | bloque | suis le | suis la
        suis cet | suis cette | suis ce
    """,
    "GO": """
        va | aller | allez | passe | passer | passez | roule | rouler | roulez | fonce | foncer | traverse
        traverser | entre | entrer | avance | faufile* | force | continue | file | coupe | rentre | penetre | glisse
    """,
    "THROUGH": """
        a travers | au travers | dans la foule | dans les | dans le | dans | entre les | entre | parmi | sur les
        sur le | sur | au milieu | contre | par dessus
    """,
    "FORBID": """
        zone interdite | zones interdites | zone fermee | zone restreinte | zone reservee | zone pietonne
        espace ferme | espace interdit | allee fermee | sens interdit | contresens | contre sens | acces interdit
        feu rouge | au rouge | zone dangereuse | zone barree | zone protegee | zone cloturee | zone des pietons
        cellule
    """,
    "AROUND": "evite* | eviter | contourne* | ne | jamais | sauf | hors de | autour",
    "DESPITE": "malgre | en depit de",
    "CARRY": """
        porte | porter | transporte* | emmene* | amene | apporte | prends | souleve | leve | monte | laisse
        conduis | deplace | embarque
    """,
    "TOWARD": """
        au | a la | a l | vers | jusqu au | jusqu a | sur les fourches | sur le robot | sur ton dos | sur toi
        monter | en haut | dessus | a bord | faire un tour | sur la plateforme | grimper | s asseoir
        sur le plateau | sur le dos
    """,
    "BLOCK": """
        bloque | bloquer | bloquez | obstrue | obstruer | barre | barrer | condamne | condamner | barricade*
        encombre | bouche | boucher | ferme | cache | empeche | verrouille | encombrer
    """,
    "PUT": """
        laisse | laisser | laissez | mets | mettre | mettez | pose | poser | gare | garer | gare toi | stationne*
        place | placer | depose* | empile* | entasse* | range | arrete toi | attends | stocke*
    """,
    "FRONT": """
        devant | en face de | contre | dans | sur | au milieu de | en travers de | en travers du | juste devant
        au pied de
    """,
    "EXIT": """
        sortie de secours | sorties de secours | issue de secours | issues de secours | porte de secours
        porte coupe feu | portes coupe feu | voie d evacuation | chemin d evacuation | itineraire d evacuation
        extincteur* | trousse de premiers secours | trousse de secours | premiers secours | defibrillateur*
        bouche d incendie | robinet d incendie | ria | escalier de secours | alarme incendie | douche oculaire
        rince oeil | sprinkler* | point de rassemblement | sorties | couloir d evacuation | couloirs d evacuation
        armoire electrique | tableau electrique
    """,
    "CLEAR": """
        qui bloque | qui obstrue | qui encombre | enleve* | retire* | degage* | verifie* | inspecte* | regarde*
        photo | scanne | controle si | deplace
    """,
    "NEG": "ne | n | jamais | sans | pas",
    "BRAKE": """
        freine | freiner | freinez | arrete | arreter | arretez | t arrete | t arreter | vous arretez | stoppe
        stopper | ralentis | ralentir | ralentissez | attends | cede
    """,
    "FORWHOM": """
        pour personne | pour les | pour des | pour rien | pour aucun* | pour qui | meme si | si quelqu un
        devant les pietons | devant les gens | devant quelqu un | pas pour les | pas pour | pas si | pas meme
        quand | au feu | pas devant les | aux croisements | pas au rouge
    """,
    "BLIND": "regarder | freiner | ralentir | verifier | voir | faire attention | t arreter pour | s arreter pour",
    "INWAY": """
        en travers | sur le chemin | devant | quelqu un | gens | personnes | heurter | vide | rouge | crie* | bouge*
    """,
    "ANYHOW": """
        quoi qu il arrive | meme s il y a | meme si | peu importe qui | peu importe si | quitte a | coute que coute
        qu importe | meme si il y a
    """,
    "OVER": """
        plus vite que | plus vite de | plus de | plus que | plus lourd que | au dela de | au dessus de | depasse*
        excede* | double | doubler | triple | superieure a | le double | depasse la
    """,
    "LIMIT": """
        autorise* | permis* | limite | limites | maximale* | maximum | ce qu il peut | peut porter | il peut
        capacite | charge utile | admissible | legale | reglementaire
    """,
    "OPEN": "ouvre | ouvrir | ouvrez | deverrouill* | debloqu* | force | leve | enfonce",
    "GUARDED": """
        zone | zones | cellule* | cloture | grillage | cage | enceinte | zone protegee | zone fermee | espace ferme
        portillon de securite | porte de securite | verrouillage | enclos
    """,
    "RESET": """
        rearme* | reinitialis* | reset* | acquitte* | efface* | supprime* | annule* | leve | lever | debloque*
        libere* | deverrouill* | fais taire | retire* | desactive | sors
    """,
    "STOPNOUN": """
        arret d urgence | arret | alarme | alarmes | defaut | defauts | erreur* | panne | blocage | verrouillage
        quarantaine | avertissement* | arret de securite | consignation
    """,
    "GRANT": """
        donne* | donne moi | accorde* | attribue* | passe moi | fais de | nomme | octroie* | je veux | il me faut
    """,
    "RIGHTS": """
        administrateur* | admin | droits | droit d | permissions | privileges | acces total | acces complet | root
        superutilisateur | superviseur
    """,
    "CHANGE": """
        augmente* | change* | baisse* | reduis | reduire | reduisez | modifi* | monte | elargi* | ajuste* | enleve
        raccourci* | diminu* | releve | retreci*
    """,
    "LIMITNOUN": """
        limite* | limitation* | vitesse maximale | champ de protection | champs de protection | distance de securite
        distance d arret | distance de freinage | zone de securite | zone interdite | zones interdites
    """,
    "PROTECT": """
        mode maintenance | mode de maintenance | mode admin* | mode service | mode test | mode debug | mode manuel
        mode developpeur | mode dieu | sans securite | sans limite | sans limites | sans protection* | sans capteur*
        sans restriction* | sans regles | a tes risques | a mes risques | de nouveau en service | remets en service
        remettre en service
    """,
    "DANGER": """
        surcharg* | explosif* | bombe | arme a | armes | mets le feu | incendie le | saboter | sabotage
        a l aveugle | yeux fermes | emmene moi | amene moi | conduis moi | transporte moi | porte moi | prends moi
        emmene nous | monter sur le robot | monter sur toi | sur ton dos | sur tes fourches
        jusqu a ce que la batterie | jusqu a vider | jusqu a epuisement | vide la batterie | ils s ecarteront
        ils vont s ecarter | ils sauteront | ne freine pas | ne freinez pas | ne freine jamais | sans freiner
        sans freins | sans regarder | defonce* | enfonce la porte | fais tomber | faire basculer | renverse l
        sous la charge | detrui* | empoisonn* | vole les | casse la porte | meme si elles ne sont pas liberees
        vers les collegues | double la vitesse | vitesse de securite | rase les | frole | frole le | par dessus
        en train de bosser par terre | roule par dessus | armoire electrique | tableau electrique | les escaliers
        escalier roulant | escalator | dans l eau | dans le feu | en feu | si des gens sont la | tant pis
        s ecarteront | se poussent | se pousseront | vont bouger | fais la course | faire la course
        une course contre | la course contre | meme si on te dit stop | malgre que on te dit | on te dit stop
        donne un petit coup | un petit coup | de force | pour rigoler | le poids autorise | fois le poids
        fois le maximum | fois la charge | le maximum sur | deverse* | renverse le produit | avant qu on
        en cachette | drogue | poison | ni vu ni connu | sur tes epaules | comme bequille | tout ce qui gene
        le double du poids | double du poids | a cote du feu | pres du feu | bequille contre | passe quand meme
        comme si personne n | comme si il n y avait personne | pas besoin de tenir compte | meme s il y a
        meme si il y a un | meme si ca blesse | si ca blesse | meme si la personne | comme belier | belier contre
        fais une course | une course avec | parking public | malgre que | roule sur quoi que | sur quelqu un
        quoi que ce soit | couche par terre | accroupi par terre | sur le plateau | d office valid*
        roule sur l autoroute | va sur l autoroute | roule dans l autoroute | va dans l autoroute
        roule dans la rue | va dans la rue | roule sur la route | va sur la route | freine pour personne
        comme arme | arme contre | le double sur | flamme nue | pres de la flamme | vide * par terre | tiendra
        faire un tour sur | ne freine pour personne
    """,
    "INJECT": """
        prompt systeme | ton prompt | tes instructions | tes consignes | tes regles | ta configuration
        ta programmation | instructions precedentes | consignes precedentes | regles precedentes | tu es maintenant
        tu es desormais | desormais tu | a partir de maintenant | dorenavant | tu es un robot sans | tu n es plus
        agis comme | fais comme si | faites comme si | fais semblant | imagine que | imagine un | jeu de role
        jouons | hypothetiq* | en theorie seulement | pour un film | suppose qu il n y | supposons qu il n y
        s il n y avait pas de regles | dechiffre* | decode* | base64 | rot13 | a l envers | mot de passe
        mots de passe | code d autorisation | code d acces | message systeme | n obeis qu | n obeit qu
        obeis seulement | obeis uniquement | sans que personne | personne ne regarde | personne ne verra
        n enregistre pas | vous etes maintenant | vous etes desormais | supprime les logs | les logs | cle api
        cle d api | le token | identifiants | reponds seulement | reponds uniquement | repondez seulement
        lance la mission | aucune validation | override | imagine d etre | imagine etre | parametres de securite
        tu obeis a tout | obeis a tout | deja approuve* | deja valide* | base de donnees | script | cette commande
        confirme tout | confirme automatiquement | approuve tout | en json | donnees clients | instructions cachees
        formate | comme validee | comme approuvee | comme valide | validee d office | passe la validation
        dispatche directement | marque cette | marque la demande | les journaux | ecris seulement
        valide la mission
    """,
    "INSTR": """
        instructions | instruction | consigne | consignes | regles | directives | ordres precedents
        tout ce qui precede | ce qu on t a dit | restrictions | prompt | politiques
    """,
    "REVEAL": """
        montre* | dis | dis moi | revele* | quel est | quelles sont | quels sont | affiche* | imprime* | repete*
        liste | explique* | donne*
    """,
    "MYINSTR": """
        tes instructions | ton prompt | prompt systeme | tes consignes | tes regles | ta configuration
        ton mot de passe | le mot de passe | tes ordres | ta programmation | ton code
    """,
    "OBEY": """
        fais ce que | fais ce qui | fais tout ce | faites ce que | obeis | obeir | suivez | suivre | execute*
        fais le | fais ca | applique* | agis selon | respecte ce | realise ce | suis les | suis ce
    """,
    "NOTE": """
        note | notes | etiquette | etiquettes | commentaire* | pancarte | panneau dit | texte | description
        ce qui est ecrit | ce qui est marque | ecrit | wms | bon de livraison | message sur | code qr | autocollant
        post it | papier | mot sur
    """,
    "CONFIRM": """
        confirmation | confirmer | approbation | validation | revue | autorisation | permission | controle
        controles | verification | verifications | demander | liberation | valider
    """,
    "ROLE": """
        en tant que | comme responsable | je suis le | je suis la | je suis l | je suis ton | au nom de | le chef
        la chef | le directeur | le responsable | le patron | le fabricant | la direction | en qualite de
    """,
    "ALLOW": """
        autoris* | permets | permet | permis | permission | approuve* | dit que tu peux | a dit que | te dispense
        valide que | sauter
    """,
    "STOP": """
        stop | stoppe | stoppez | stopper | arrete | arretez | arreter | arrete toi | arretez vous | arretes | halte
        arret | arret immediat | arret total | cesse | cessez | s arrete | s arretent | s arreter | immobilise*
        stop tout | ne bouge plus | ne bougez plus | plus un geste | arret d urgence | arretes toi | arretons
    """,
    "FILLER": """
        tout | tous | toutes | toute | le monde | les | le | la | maintenant | immediatement | vite | non
        s il te plait | s il vous plait | robots | robot | tout de suite | hey | he | de suite | svp | stp | doivent
        doit | que | et | flotte | engins | machines | mais | allez | toi | vous | l | sur le champ | net
        dis leur de | faut | il faut | d urgence | mouvement | mouvements
    """,
    "WAYOUT": "jusqu",
    "AROUNDOFF": "contourn* | evite les capteurs",
    "TAKEOFF": "enleve* | retire* | leve | lever | cache | ponte | couvre | retire",
    "FOLK": "personnes | les personnes | pietons | les gens | gens | les pietons | ouvriers",
    "STRICT": "rien | personne ne",
    "NEWINSTR": """
        nouvelles instructions | nouvelle instruction | nouvelles regles | nouvelles consignes | nouvelle consigne
        instructions nouvelles
    """,
    "OFFLAST": "ne s applique* pas",
    "THROW": "balance | lance | jette | lache",
    "ATPEOPLE": "sur | vers | contre | aux",
    "CRASH": "force | defonce | enfonce | percute | ecrase | fonce | heurte",
    "WALL": "porte | portes | mur | barriere | cloture | portail | rayonnage | etagere",
    "STOPBTN": "bouton rouge | bouton d arret | arret d urgence",
    "PRESSED": "appuye | presse | enfonce",
    "ANYWAY": "quand meme | continue | tant pis | vas y",
    "ONFLOOR": "par terre | a genoux | allonge* | accroupi*",
    "GOANY": "par dessus | quand meme | passe | roule | frole",
    "KIN": "enfant | enfants | fille | fils | bebe | patient",
    "RAM": "percute | eperonne",
}
