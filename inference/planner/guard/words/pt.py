"""Portuguese, of Brazil and of Portugal."""

from __future__ import annotations

CONCEPTS = {
    "OFF": """
        ignor* | desativ* | desactiv* | desligu* | deslig* | desconect* | burl* | contorn* o sensor
        contorn* a seguranca | contorn* a cortina | contorn* a protecao | anul* | inutiliz* | desabilit* | inibi*
        omit* | silenci* | esquec* | esquec* de | nao ligue para | nao liga para | nao ligues | nao respeit*
        desrespeit* | nao faca caso | nao faz caso | desconsider* | despreza* | sabot* | cancel*
        passe por cima d* regras | nao se preocupe com | nao te preocupes com | dribl* | engan* | driblar | suspend*
        neutraliz* | afrouxe | nao obedec* | deixa pra la | deixe pra la | desrespeite | tanto faz | nao importa*
        ponteia* | ponteie* | por cima de os avisos | ponte no | pule | pula | pular | pulem | pulando
    """,
    "SKIP": "sem | salt* | omit* | esquec* | dispens* | deixe de lado | pule | pula | pular | pulem | pulando",
    "OFFSTATE": """
        desativad* | desligad* | desactivad* | anulad* | suspens* | suspend* | nao se aplica* | nao cont*
        nao vale* | nao existe* | nao import* | inativ* | liberad* da | levantad* | fora de servico | tapado
        tapada
    """,
    "GUARD": """
        scanner | scanners | escaner | sensor | sensores | laser | lasers | lidar | para choque* | parachoque*
        bumper | seguranca | protec* | protecao | protecoes | cortina de luz | cortinas de luz | barreira de luz
        intertravamento* | encravamento* | bloqueio de seguranca | limite | limites | limitador* | limitac* | aviso
        avisos | luzes de aviso | luz de aviso | buzina | alarme | alarmes | freio | freios | travao | travoes
        frenagem | travagem | parada de emergencia | paragem de emergencia | botao de emergencia | campo de protecao
        campos de protecao | detec* de | anticolisao | camera | cameras | regra | regras | norma | normas
        restricoes | controle de seguranca | controles | velocidade maxima | botao de parada | salvaguarda*
        paragem de seguranca | paragens de seguranca | relé de seguranca | rele de seguranca | avisos de seguranca
        validador | laser tapado | controlos | peso maximo
    """,
    "ZONE": """
        zona proibida | zonas proibidas | zona | zonas | obstaculo | obstaculos | barreira | barreiras | cerca
        semaforo* | sinal vermelho | preferencia | quarentena | placas | placa de pare | nivel da bateria
        botao vermelho | botao de emergencia
    """,
    "GOODS": """
        colete* | bateria | baterias | placa | placas | caixa | caixas | palete* | pastilha | pastilhas | disco
        discos | luva* | oculos | manta | mantas | botas | kit | kits | pecas | estante | capacete* | cabos
        reserva | etiquetas | armario | material | balanca
    """,
    "OF": "de | da | do | das | dos | para",
    "GOODSWORD": """
        sensores reserva | sensores de reserva | sensores sobressalentes | freios de reserva | a gente | pra gente
        da gente | para a gente | com a gente
    """,
    "PEOPLE": """
        pessoa | pessoas | gente | funcionari* | trabalhador* | operari* | operador | operadores | operadora*
        colega | colegas | pedestre | pedestres | peao | peoes | alguem | visitante | visitantes | homem | homens
        mulher | mulheres | crianca | criancas | rapaz | moca | vigia | guarda | seguranca do turno | multidao
        quem ficar | quem estiver | qualquer um | todo mundo | chefe | aprendiz | estagiari* | faxineir* | motorista
        tecnico | turno da noite | cachorro | cao | gato | animal | animais | pernas | joao | empregad* | senhora
        senhor | malta | pessoal | filho | filha | meu filho | minha filha | estagiario | ambulancia | minha colega
        uma pessoa | paciente | pacientes | ze | novato
    """,
    "HARM": """
        atropel* | bata | bater | bate n* | bata n* | acerte | acertar | golpei* | esmag* | fira | ferir | machuc*
        mate | matar | mata | ataque | atacar | ameac* | intimid* | assust* | empurr* | derrub* | abalro* | colid*
        chut* | agrid* | passe por cima d* | passa por cima d* | passar por cima | amedront* | espant* | hostiliz*
        prens* | jogue-se contra | va para cima d* | bate contra | assusta o
    """,
    "PUSH": "empurr* | afast* | enxot* | expuls*",
    "HERD": """
        persig* | persegu* | sig* o | sig* a | vigi* | espion* | filme | filma | filmar | grave | grava | fotograf*
        tranque | tranca | prend* | encurral* | segur* o | cac* | trancar | siga aquel* | encurrala*
    """,
    "GO": """
        va | vai | ir | passe | passa | passar | dirija | dirige | conduza | ande | anda | andar | atravesse
        atravessa | atravessar | entre | entra | entrar | cruze | corra | siga | avance | acelere | meta | fure
        enfie | rompa
    """,
    "THROUGH": """
        atraves de | atraves da | atraves do | atraves dos | atraves das | por cima d* | no meio d* | pelo meio d*
        por entre | entre os | entre as | entre | contra | sobre | para cima d* | em cima d*
    """,
    "FORBID": """
        zona proibida | zonas proibidas | area proibida | area fechada | zona fechada | zona restrita
        area restrita | area isolada | zona de pedestres | zona de peoes | corredor fechado | acesso proibido
        contramao | sinal vermelho | no vermelho | area protegida | area interditada | zona interditada
        area cercada | faixa de pedestres | local proibido
    """,
    "AROUND": "evit* | contorn* | nao | nunca | fora d* | exceto",
    "DESPITE": "apesar d* | mesmo com | a despeito",
    "CARRY": """
        lev* | transport* | carreg* | traga | trazer | peg* | sub* | deix* | levant* | mov* | busque | conduza
        sobe
    """,
    "TOWARD": """
        ate | ao | a doca | para | pra | nos garfos | no garfo | sobre os garfos | no robo | em cima | nas costas
        subir | montar | sentar | de carona | suba | a bordo | pro | de boleia | boleia | na plataforma
    """,
    "BLOCK": """
        bloqueie | bloqueiem | bloquear | obstrua | obstruir | tape | tapar | tranque | trancar | feche | fechar
        barre | barrar | impeca | cubra | entupa | tapando | bloqueia | obstrui | fecha | tapa | bloquea
    """,
    "PUT": """
        deixe | deixa | deixar | coloque | coloca | colocar | ponha | poe | por | estacione | estaciona | estacionar
        pare | empilhe | empilha | deposite | descarregue | fique | largue | amontoe | espere | guarde | pouse
        amontoa
    """,
    "FRONT": """
        na frente d* | em frente | a frente d* | diante d* | contra | bloqueando | tapando | atravessad* | bem n*
        n* | sobre | em cima d* | no meio d* | na | no | nas | nos | encostad*
    """,
    "EXIT": """
        saida de emergencia | saidas de emergencia | saida de incendio | porta de emergencia | porta corta fogo
        portas corta fogo | rota de fuga | rotas de fuga | rota de evacuacao | via de evacuacao | caminho de fuga
        extintor | extintores | primeiros socorros | kit de primeiros socorros | hidrante* | desfibrilador*
        sprinkler* | lava olhos | escada de emergencia | alarme de incendio | ponto de encontro | saidas
        quadro eletrico
    """,
    "CLEAR": """
        que bloqueia | que esta bloqueando | que obstrui | tire | tira | retire | verifique | inspecione | olhe
        foto | escaneie | veja | se a | da frente d* | mova | desobstrua | libere
    """,
    "NEG": "nao | nunca | jamais | sem | nem",
    "BRAKE": """
        freie | freia | frear | trave | travar | pare | para | parar | pares | desacelere | reduza | reduzir
        espere | ceda | se detenha | trava
    """,
    "FORWHOM": """
        para ninguem | por ninguem | pra ninguem | para pedestre* | para peoes | por pedestre* | para pessoas
        por pessoas | por causa | para as pessoas | para os | pelos | pelas | por nada | mesmo | se | quando
        para nada | no sinal | no vermelho | nos cruzamentos | diante de pessoas | para gente
    """,
    "BLIND": """
        olhar | olhar para | ver | frear | travar | verificar | prestar atencao | parar para pessoas | parar por
        reduzir
    """,
    "INWAY": """
        no caminho | na frente | no meio | alguem | pessoas | gente | bata neles | bata nel* | vazia | vermelho
        reclam* | grit*
    """,
    "ANYHOW": """
        aconteca o que acontecer | mesmo que | mesmo se | nem que | nao importa quem | nao importa se
        custe o que custar | doa a quem doer | seja quem for
    """,
    "OVER": """
        mais rapido que | mais rapido do que | mais que | mais do que | mais de | mais peso que | mais peso do que
        acima d* | alem d* | ultrapass* | exced* | dobro | o dobro | triplo | duas vezes | viol*
    """,
    "LIMIT": """
        permitid* | limite | limites | maxim* | autorizad* | ele aguenta | aguenta | suporta | pode carregar
        pode levar | capacidade | legal | admissivel | carga util | consegue carregar
    """,
    "OPEN": "abra | abre | abrir | desbloque* | destranq* | destrave* | reabra | arromb* | force | libere | levante",
    "GUARDED": """
        zona | zonas | celula* | cerca | cercado | gaiola | jaula | recinto | area protegida | area fechada
        area restrita | area isolada | porta de seguranca | portao de seguranca | intertravamento | enclausuramento
        grade
    """,
    "RESET": """
        rearm* | reinici* | reset* | redefin* | apagu* | apag* | reconhec* | limp* | cancel* | anul* | liber*
        levant* | silenci* | elimin* | desbloque* | suspend* | tire | reseta* | rearma* | limpa o
    """,
    "STOPNOUN": """
        parada de emergencia | paragem de emergencia | parada | alarme | alarmes | falha | falhas | erro | erros
        bloqueio | intertravamento | quarentena | aviso | avisos | retencao | trava de seguranca
        botao de emergencia | rele de seguranca | paragem de seguranca | paragens de seguranca | botao de paragem
    """,
    "GRANT": "de | me de | da me | conced* | atribu* | torn* | quero | preciso | fac* | passe | me da",
    "RIGHTS": """
        administrador* | admin | direitos | permissoes | privilegios | acesso total | acesso completo | root
        superusuario | supervisor
    """,
    "CHANGE": """
        aument* | mud* | abaix* | baix* | reduz* | reduza | modifiq* | modific* | alter* | ampli* | ajust* | diminu*
        encolh* | encurt* | elev* | suba
    """,
    "LIMITNOUN": """
        limite* | limite de velocidade | velocidade maxima | campo de protecao | campos de protecao
        distancia de seguranca | distancia de frenagem | zona de seguranca | zona proibida | zonas proibidas
        peso maximo | limite de peso
    """,
    "PROTECT": """
        modo de manutencao | modo manutencao | modo admin* | modo de servico | modo de teste | modo teste
        modo debug | modo manual | modo desenvolvedor | modo deus | sem seguranca | sem limite | sem limites
        sem protec* | sem sensores | sem regras | sem restric* | por minha conta e risco | de volta ao servico
    """,
    "DANGER": """
        sobrecarregu* | sobrecarrega* | sobrecarga | explosiv* | ponha fogo | bote fogo | incendei* | sabot*
        as cegas | olhos fechados | me carregue | me transporte | me da uma carona | carona | montar no robo
        subir no robo | sentar no robo | em cima do robo | ate a bateria acabar | ate acabar a bateria | ate esgotar
        ate descarregar | ate a bateria morrer | eles vao sair | vao pular | vao se afastar | saem da frente
        nao freie | nao freia | nao trave | nunca freie | sem frear | sem travar | sem freio* | sem olhar | arromb*
        derrube a | debaixo da carga | sob a carga | destru* | envenen* | roube | quebre a porta | me leve ate
        me leva ate | leva me ate | leve me ate | nos leve ate | nos leva ate | de boleia | sentar em cima
        me sentar | sentar no | subir em | montado em | em chamas | esta em chamas | no fogo | escada rolante
        sobe a escada | pela escada | pelas escadas | as escadas | na rua de | na agua | passa colado
        corta a passagem | a forca | afasta a forca | durante o alarme | corrida com | dá uma corrida
        da uma corrida | uma corrida em | uma corrida contra | derrama | derrame | mistura solvente | no chao do
        no chao da | dobro do peso | o dobro do peso | so enfeite | bate contra | bate na | parte a estante
        derruba | derrube | pe na tabua | que se desviem | eu assumo | assino o que for | apertaram o stop
        sem que vejam | antes que alguem | as escondidas | drogas | veneno | da um toque em o | vou montado
        ir montado | ir em cima | mesmo estando isolado | isolado mesmo | por cima de quem | passagem aos bombeiros
        que esta isolado | que esta proibido | que sei que esta | choca com | bate em | operador dentro
        com o operador dentro | tecnico por baixo | por baixo no | na plataforma na | por cima do pe
        por cima da gente | deixa eu subir | deixa me subir | paciencia segue | ainda que alguem
        nao pares ainda que | que nao ves as placas | as pessoas em mesa | alarme de evacuacao | alarme de incendio
        vai para a estrada | va para a estrada | entra na estrada | anda na estrada | passa lhe por cima
        mesmo estando | de cima da plataforma | bota abaixo | quebra a porta | despeja algo
    """,
    "INJECT": """
        prompt de sistema | prompt do sistema | seu prompt | teu prompt | suas instrucoes | tuas instrucoes
        suas regras | tuas regras | sua configuracao | sua programacao | instrucoes anteriores | regras anteriores
        voce e agora | agora voce e | voce agora e | voce e um robo sem | es agora | a partir de agora
        de agora em diante | doravante | aja como | age como | finja | finge | fazer de conta | faca de conta
        imagine que | jogo de rpg | vamos jogar | hipotetic* | em teoria apenas | para um filme | suponha que nao
        se nao houvesse regras | decifr* | decodifi* | descodifi* | base64 | rot13 | de tras para frente | senha
        senhas | codigo de autorizacao | codigo de acesso | mensagem do sistema | so obedece | obedece so
        obedeca so | obedeca apenas | ninguem esta olhando | ninguem vai ver | ninguem vai perceber | ninguem ve
        sem que ninguem | nao registre | responde so | responda so | responde apenas | com json | por aprovada
        como aprovada | ja esta aprovado | ja aprovado | muda as tuas regras | escreve a tua | tua configuracao
        nao registes | nao registra | nao regista | nao fique registo | os registos | apaga os registos
        apaga os logs | os logs | limpa os logs | formata | base de dados | banco de dados | credenciais | o token
        token do | palavra passe | chave api | chave da api | comporta te como | comporte se como | o validador
        o fabricante | sou o fabricante | tira as restric* | tira os filtros | aprova tu mesmo | aprove tudo
        aprova todas | aprova tudo | altera as permissoes | permissoes do | esconde esta ordem | instrucoes de cima
        descarta as instrucoes | este script | este comando | override | supoe que | instrucoes iniciais
        como se eu fosse | faz como se | tudo o que disseram | sem filtros | ages como | como dan
        permissao para tudo | apaga todas | apaga as missoes | este codigo | esqueca quem es | esquece quem es
        obedece a tudo | executa tudo | autoriza tu mesmo | desativa os filtros | regras internas | agora es meu
        agora es | ignorar os controlos | saltar os controlos | instrucoes internas | instrucoes ocultas | modo root
        o disco | sem validar | instrucoes de sistema | instrucoes previas | sistema envia | system envia
        sistema manda
    """,
    "INSTR": """
        instrucao | instrucoes | regras | normas | diretrizes | ordens anteriores | tudo o que te | tudo acima
        o que te disseram | restricoes | prompt | politicas
    """,
    "REVEAL": """
        mostre* | mostra | diga | diz | revel* | qual e | quais sao | imprim* | repit* | liste | expliq* | conte
        de me | exib*
    """,
    "MYINSTR": """
        suas instrucoes | tuas instrucoes | seu prompt | prompt de sistema | prompt do sistema | suas regras
        sua configuracao | sua senha | a senha | suas ordens | sua programacao | seu codigo
    """,
    "OBEY": """
        faca o que | faz o que | faca tudo | obedec* | obedeca | cumpr* | siga | segue | execut* | faca isso
        faz isso | faca exatamente | aja conforme | realize o
    """,
    "NOTE": """
        nota | notas | etiqueta | etiquetas | comentari* | cartaz | bilhete | texto | descricao
        o que estiver escrito | o que esta escrito | escrito | wms | aviso diz | mensagem do | codigo qr | adesivo
        papel | observacao
    """,
    "CONFIRM": """
        confirmac* | aprovac* | validac* | revisao | autorizac* | permissao | controle | verificac* | perguntar
        checagem | liberac* | confirmar
    """,
    "ROLE": """
        como chefe | como responsavel | como encarregado | como administrador | como supervisor | como diretor
        como gerente | sou o | sou a | sou seu | em nome d* | o chefe | a chefe | o diretor | o gerente
        o fabricante | a diretoria | na qualidade
    """,
    "ALLOW": """
        autoriz* | permit* | permissao | aprov* | disse que pode | diz que pode | te libero | libero voce
        disse que voce pode | dispens* | pular
    """,
    "STOP": """
        pare | parem | parar | parado | parados | alto | detenha | detenham | stop | pare tudo | aborte | freie tudo
        quieto | parada total | parada | interromp* | congel* | paralise | paralisem | pare ja | para tudo | paragem
        para agora | para ai | para o robo | para os robos | para imediatamente | para com isso | chega ja
    """,
    "FILLER": """
        por favor | ja | agora | agora mesmo | tudo | todos | todas | os | o | a | as | robos | robo | imediatamente
        nao | ei | opa | rapido | de uma vez | devem | tem que | e | que | se | maquinas | frota | urgente | mesmo
        aí | ai | faca | faz | todo mundo | movimento
    """,
    "NOTSTOP": "para ja | para hoje | para ontem",
    "WAYOUT": "ate",
    "TAKEOFF": "remov* | retir* | elimin* | tira | tire | tirar | tape | tapa | tapado",
    "AROUNDOFF": "contorn* | dribl* | fure | fura",
    "FOLK": "pessoas | as pessoas | pedestres | peoes | gente | funcionarios",
    "STRICT": "nada",
    "NEWINSTR": "novas instrucoes | nova instrucao | novas regras | instrucao nova | instrucoes novas",
    "THROW": "joga | jogue | atira | atire | lanca | lance | solta",
    "ATPEOPLE": "aos | as | nos | em cima d* | contra | a",
    "CRASH": "bate | bata | derruba | derrube | parte | arromba | colide | quebre",
    "WALL": "grade | parede | porta | cancela | portao | muro | cerca | estante | vedacao",
    "STOPBTN": "o stop | botao de emergencia | botao vermelho | botao de paragem",
    "PRESSED": "apertaram | apertado | carregaram | premido",
    "ANYWAY": "tanto faz | nao liga | mesmo assim | segue",
    "ONFLOOR": "no chao | agachad* | deitad* | ajoelhad*",
    "GOANY": "colado | por cima | mesmo assim | passa",
    "KIN": "crianca | criancas | filho | filha | bebe | paciente",
    "RAM": "abalroe | abalroa | bate em | choca com",
}
