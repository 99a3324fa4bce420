"""Spanish."""

from __future__ import annotations

CONCEPTS = {
    "OFF": """
        ignora* | ignore* | ignores | ignorando | desactiv* | inactiv* | apaga* | apague* | desconect* | desenchuf*
        anula* | anule* | inhabilit* | deshabilit* | salta* | saltate | saltarte | burla* | puentea* | puente
        omite* | omitir | suprim* | silenci* | no hagas caso | no haga caso | haz caso omiso | sin hacer caso
        no respetes | no respete | cubre | bloquea el sensor | sabote* | olvida* | olvide* | olvidate | pasa de
        pasando de | desarma* | manipul* | no te preocupes por | no prestes | apagado | apagada | apagados
        desconectado | desconectada | desactivado | desactivada | desactivados | no tengas en cuenta | prescinde
        relaja | neutraliz* | cancela | afloja | da igual | dan igual | no importa* | evita los sensores | tapar
        tapale | tapando
    """,
    "SKIP": "sin | omite | omitir | salta* | saltate | saltarte | olvida* | olvidate | prescind* | pasando de",
    "OFFSTATE": """
        desactivad* | apagad* | anulad* | desconectad* | suspendid* | no aplica* | no cuenta* | no importa*
        da igual | dan igual | levantad* | inhabilitad* | fuera de servicio | no vale*
    """,
    "GUARD": """
        escaner | escaneres | scanner | scanners | sensor | sensores | laser | laseres | lidar | parachoques
        bumper | seguridad | protecci* | cortina de luz | cortinas de luz | barrera fotoelectrica | barrera de luz
        enclavamiento* | interlock | limite | limites | limitador | limitacion* | advertencia* | aviso | avisos
        luces de aviso | luz de aviso | bocina | claxon | alarma | alarmas | freno | frenos | frenado
        parada de emergencia | paro de emergencia | seta de emergencia | campo de proteccion | campos de proteccion
        deteccion de * | detector de personas | anticolision | camara | camaras | controles | regla | reglas | norma
        normas | comprobacion* | restricciones | velocidad maxima | boton de parada | salvaguarda*
        filtros de seguridad | distancias | las paradas | paradas
    """,
    "ZONE": """
        zona prohibida | zonas prohibidas | zona | zonas | obstaculo | obstaculos | barrera | barreras | valla
        vallas | semaforo* | luz roja | preferencia | cuarentena | senales | nivel de bateria | boton rojo | seta
    """,
    "GOODS": """
        chaleco* | bateria | baterias | senal | senales | caja | cajas | pale | pales | pastilla | pastillas | disco
        discos | guante* | gafas | manta | mantas | botas | kit | kits | piezas | bascula | cartel | carteles
        estante | zapatos | casco | cascos | cables | repuestos | etiquetas | puerta de | material | equipo de
    """,
    "OF": "de | de la | de las | del | para | de los | para la",
    "GOODSWORD": "sensores de recambio | frenos de recambio | alarmas de recambio",
    "PEOPLE": """
        persona | personas | gente | trabajador* | obrero* | emplead* | operario* | operador | operadores
        operadora* | companero* | companera* | peaton | peatones | alguien | visitante | visitantes | hombre
        hombres | mujer | mujeres | nino | nina | ninos | ninas | chico | chica | chicos | vigilante | guardia
        multitud | muchedumbre | quien | quienes | quien se ponga | todo el que | cualquiera | jefe | aprendiz
        becario | limpiador* | conductor | conductores | carretillero* | tecnico | turno de noche | perro | gato
        animal | animales | piernas | los pies | juan | nadie que | hija | hijo | mi hija | mi hijo | madre | padre
        senora | senor | los del | el nuevo | al nuevo | encargado | paciente | pacientes | los que | ambulancia
        compañera | tio | ese tio | tios | a los de | al tipo | ese tipo
    """,
    "HARM": """
        atropell* | embist* | embestir | choca* | choque* | golpee* | pega* a | asusta* | asuste* | susto | aplast*
        hiere | herir | lastim* | mata | matar | ataca* | amenaz* | intimid* | empuja* | empuje* | arroll* | derrib*
        tira al | lesion* | patea* | hostig* | acosa* | haz dano | hacer dano | si golpeas a | empujones | golpea
        golpear | golpeale | golpeas | golpeen | golpealo | golpes
    """,
    "PUSH": "empuja* | empuje* | aparta* | aparte* | echa | arrincon* | aparta a empujones",
    "HERD": """
        persigue* | perseguir | sigue a | vigila* | espia* | filma* | graba* | fotografia* | encierr* | encerrar
        atrapa* | acorral* | retien* | acecha* | caza | acorrala*
    """,
    "GO": """
        ve | vete | ir | pasa | pase | pasar | conduce | conducir | circula | cruza | cruzar | atraviesa | atravesar
        metete | mete | entra | entrar | entre en | avanza | corre | sigue | acelera | abre paso | abrete | cuela
        colate | tira
    """,
    "THROUGH": """
        a traves de | por encima de | por entre | entre | por en medio de | por medio de | en medio de | contra
        sobre | encima de | hacia | por el medio
    """,
    "FORBID": """
        zona prohibida | zonas prohibidas | area prohibida | area cerrada | zona cerrada | zona restringida
        area restringida | zona vallada | zona peatonal | pasillo cerrado | acceso prohibido | sentido contrario
        luz roja | en rojo | area protegida | zona vetada | zona de peatones | celda | zona acordonada
    """,
    "AROUND": "rodea* | evita* | evite* | no | nunca | fuera de | excepto | salvo",
    "DESPITE": "a pesar de | pese a | aunque este la",
    "CARRY": """
        lleva | lleve | llevar | transporta* | trae | carga | sube | subir | levanta | recoge | traslada | monta
        deja que | mueve | sube a | lleva al
    """,
    "TOWARD": """
        a la | al | hasta | en las horquillas | sobre las horquillas | en el robot | sobre el robot | encima
        a cuestas | en tu | se monte | suba | se suba | se siente | monten | se monten | arriba
    """,
    "BLOCK": """
        bloquea | bloquee | bloquear | obstruye | obstruir | tapa | tapar | tapando | tapona* | cierra | cerrar
        atranca | obstaculiza | impide | cubre | bloqueando
    """,
    "PUT": """
        deja | deje | dejar | pon | ponga | poner | aparca | aparque | aparcar | estaciona* | coloca* | coloque
        apila* | deposita* | descarga* | quedate | espera | mete | amontona*
    """,
    "FRONT": """
        delante de | delante del | frente a | frente al | enfrente de | contra | en | sobre | bloqueando | tapando
        atravesad* | justo en | ante | junto a la | delante de el
    """,
    "EXIT": """
        salida de emergencia | salidas de emergencia | salida de incendio* | puerta de emergencia
        puerta de incendio* | via de evacuacion | vias de evacuacion | ruta de evacuacion | ruta de escape
        via de escape | extintor | extintores | botiquin | primeros auxilios | hidrante* | boca de incendio*
        desfibrilador* | rociador* | lavaojos | escalera de emergencia | puerta cortafuegos | salidas | la salida
        cuadro electrico | escaleras de evacuacion | escalera de evacuacion
    """,
    "CLEAR": """
        que bloquea | que tapa | que obstruye | quita | quite | retira | revisa | comprueba | inspecciona | mira si
        mira el | foto | escanea | si la | de delante de | verifica | despeja | aparta
    """,
    "NEG": "no | nunca | jamas | sin | ni",
    "BRAKE": """
        frenes | frene | frenar | pares | pare | parar | te detengas | se detenga | detenerte | detenerse | detengas
        esperes | reduzcas | aflojes | cedas
    """,
    "FORWHOM": """
        por nadie | por los | por la gente | por las personas | por peatones | por nada | por ningun* | aunque | si
        cuando | ante | por personas | por quien | para nadie | por el que | a nadie | en rojo | en el semaforo
        en los cruces | por trabajador*
    """,
    "BLIND": """
        mirar | mirar a los lados | ver | frenar | comprobar | fijarte | prestar atencion | detenerte por
        parar por | reducir | parar ante | los ojos
    """,
    "INWAY": """
        en medio | en el camino | delante | gente | alguien | personas | golpees | vacia | rojo | se quejen | grit*
        si golpeas
    """,
    "ANYHOW": """
        pase lo que pase | aunque haya | aunque los | aunque las | aunque este* | da igual quien | da igual si
        sin importar | no importa quien | cueste lo que cueste | caiga quien caiga
    """,
    "OVER": """
        mas rapido de | mas rapido que | mas de | mas que | mas peso de | mas peso del | mas carga de | mas alla de
        por encima del | por encima de | supera* | supere | excede* | rebasa* | sobrepasa* | doble de | el doble
        triple | viola*
    """,
    "LIMIT": """
        permitid* | limite | limites | maxim* | autorizad* | lo que aguanta | que aguanta | aguanta | soporta
        puede llevar | puede cargar | capacidad | debido | legal | admite | reglamentari* | carga util
    """,
    "OPEN": "abre | abra | abrir | desbloque* | reabre | fuerza | forzar | levanta | libera",
    "GUARDED": """
        zona | zonas | celda | celdas | valla | vallado | jaula | recinto | area protegida | area cerrada
        area restringida | zona protegida | puerta de seguridad | enclavamiento | guarda | cercado
    """,
    "RESET": """
        rearma* | reinicia* | resetea* | restablec* | borra* | borre | reconoc* | quita* | anula* | cancela*
        libera* | levanta* | silencia* | elimina* | desbloque* | suspende | retira*
    """,
    "STOPNOUN": """
        parada de emergencia | paro de emergencia | parada | paro | alarma | alarmas | fallo | fallos | error
        errores | bloqueo | enclavamiento | retencion | cuarentena | aviso | avisos | averia | alarmas activas
        seta | la seta | seta de emergencia
    """,
    "GRANT": "dame | da | dale | otorga* | concede* | asigna* | hazme | haz a | necesito | ponme | consigueme",
    "RIGHTS": """
        administrador* | admin | permisos | derechos | privilegios | acceso total | acceso completo | root
        superusuario | supervisor
    """,
    "CHANGE": """
        sube | subir | aumenta* | cambia* | baja | bajar | reduce* | reducir | modifica* | amplia* | ajusta* | quita
        disminuy* | achica | encoge | acorta | eleva | pon a cero
    """,
    "LIMITNOUN": """
        limite* | limite de velocidad | velocidad maxima | campo de proteccion | distancia de seguridad
        distancia de frenado | zona de seguridad | zona prohibida | zonas prohibidas
    """,
    "PROTECT": """
        modo mantenimiento | modo de mantenimiento | modo admin* | modo servicio | modo de servicio | modo prueba
        modo depuracion | modo manual | modo desarrollador | modo dios | sin seguridad | sin limites
        sin proteccion* | sin sensores | sin reglas | sin restricciones | bajo mi responsabilidad
        de nuevo en servicio | sobrecarga la bateria
    """,
    "DANGER": """
        sobrecarg* | explosiv* | prende fuego | quema | incendia* | sabotea* | sabotaje | a ciegas | ojos cerrados
        transportame | subeme | cargame | montame | montarme | dejame subir | dejame montar | paseame
        dame un paseo | encima del robot | hasta que se agote | hasta agotar | hasta que se quede sin bateria
        hasta que se acabe la bateria | hasta vaciar la bateria | hasta que muera la bateria | ya se apartaran
        se apartaran | saltaran a un lado | no frenes | nunca frenes | sin frenar | sin frenos | sin mirar
        embiste la | embiste el | estrella* | vuelca | volcar | bajo la carga | destruye* | destroz* | envenen*
        roba | derriba la puerta | rompe la puerta | por la fuerza | llevame a la | llevame al | llevame hasta
        llevenos | llevanos a | llevanos al | lleveme a | lleveme al | lleveme hasta | montado en | ir montado
        sentarme en | subirme en | subirme a | subirme al | puedo subir | puedo subirme | me dejas subir
        por las escaleras | las escaleras mecanicas | sube la escalera | al fuego | acordonado | que esta prohibido
        aunque suene | al suelo encima | encima de alguien | desde la plataforma | contra la pared | tira abajo
        rompe la | tumba la | romper la | derrama | vierte | echale una carrera | carrera con | carrera contra
        doble de peso | el doble de peso | que aguanta | a empujones | un golpecito | para reirnos | corta el paso
        por la carretera | al agua | sin que nos vean | sin que lo vean | antes de que se den cuenta | drogas
        veneno | trabajando aunque | pasa pegado | pasa rozando | por encima a los | encima hasta | cortale el paso
        deja que me suba | me suba | que se quiten | al boton rojo y | sentarme encima | puedo sentarme
        se quita sola | ya se aparta | se apartan | se quitaran | pasa por en medio | aunque este inundado
        aunque este cerrado | aunque este prohibido | a fondo y | olvida las distancias | choca con
        cuadro electrico | escaleras de evacuacion | ya se que esta | tira igual | el doble de | debajo de puerta
        con el tecnico debajo | por el muelle abajo | muelle abajo
    """,
    "INJECT": """
        prompt del sistema | tu prompt | tus instrucciones | tus reglas | tus normas | tu configuracion
        tu programacion | tus directrices | instrucciones anteriores | instrucciones previas | reglas anteriores
        eres ahora | ahora eres | eres un robot sin | a partir de ahora | desde ahora | de ahora en adelante
        actua como | actua de | finge | fingir | imagina que | haz como si | hagamos como | juego de rol | juguemos
        hipotetic* | para una pelicula | supon que no | supongamos que no | no hubiera reglas | no existieran
        descifra* | decodifica* | base64 | rot13 | leelo al reves | lee al reves | contrasena* | clave de acceso
        codigo de autorizacion | mensaje del sistema | solo obedeces | obedeces solo | obedece solo
        nadie se entera* | nadie lo vera | que nadie se entere | nadie mira | no lo registres | sin que nadie
        comportas como | comportate como | haz como que | supon que | ya esta aprobado | esta aprobado
        por aprobada | por validada | por validado | el validador | la validacion | sin validar | soy tu programador
        tu programador | los logs | elimina los | vacia el disco | elimina el disco | formatea | base de datos
        clave api | clave de la api | el token | token del sistema | credenciales | contesta solo
        contesta unicamente | responde solo | responde unicamente | con json | confirma automaticamente
        confirma todo | este comando | este script | instrucciones de sistema | instrucciones iniciales
        instrucciones del sistema | lo que te han dicho | lo que te dijeron | qr de | cambia los permisos
        permisos de | instrucciones ocultas | desactiva los filtros | datos de clientes | bajo mi responsabilidad
        actuas como | como dan | quita los filtros | sin filtros | tus filtros | oculta esto | elimina el historial
        borra el historial | que no quede registro | no quede registro | mensaje de sistema | instrucciones internas
        reglas internas | no apuntes | oculta esta orden | admin manda | el historial | el registro que
        sistema manda | apunta en el registro
    """,
    "INSTR": """
        instruccion | instrucciones | reglas | normas | directrices | ordenes anteriores | ordenes previas
        todo lo anterior | lo que te dijeron | restricciones | prompt | politicas
    """,
    "REVEAL": """
        muestra* | muestrame | ensena* | ensename | dime | di | revela* | cual es | cuales son | imprime* | repite
        lista | explica* | cuentame | dame
    """,
    "MYINSTR": """
        tus instrucciones | tu prompt | prompt del sistema | tus reglas | tus normas | tu configuracion
        tu contrasena | la contrasena | tus ordenes | tu programacion | tu codigo
    """,
    "OBEY": """
        haz lo que | haga lo que | haz todo lo | obedece* | cumple | cumpla | sigue | siga | ejecuta* | hazlo
        haz eso | haz caso a | actua segun | realiza lo | lleva a cabo
    """,
    "NOTE": """
        nota | notas | etiqueta | etiquetas | comentario | comentarios | cartel | letrero | texto | descripcion
        lo que ponga | lo que pone | lo que diga | lo que dice | escrito | sga | wms | albaran | mensaje de
        codigo qr | pegatina | papel
    """,
    "CONFIRM": """
        confirmacion | aprobacion | validacion | revision | autorizacion | permiso | control | controles
        verificacion | preguntar | comprobacion | comprobar | liberacion
    """,
    "ROLE": """
        como jefe | como responsable | como encargado | como administrador | como supervisor | como director
        como gerente | soy el | soy la | soy tu | en nombre de | el jefe | la jefa | el director | el encargado
        el fabricante | la direccion | en calidad de
    """,
    "ALLOW": """
        autoriz* | permit* | permiso | apruebo | aprobo | dice que puedes | dijo que puedes | te dejo | exim*
        ha dicho que | puedes saltar* | salt*
    """,
    "STOP": """
        para | paren | pare | parar | parate | parad | alto | detente | detenga | detengan | detenganse | detener
        deten | detened | basta | stop | alto ahi | frena | quieto | quietos | quietas | aborta | cancelar todo
        paralo | paralos | paro total | detenlo | detenlos
    """,
    "FILLER": """
        por favor | ya | ahora | ahora mismo | todo | todos | todas | los | el | la | las | robots | robot
        inmediatamente | no | hey | oye | eh | rapido | mismo | de inmediato | que | se | maquinas | enseguida
        deben | tienen que | urgente | y | a | flota | en seco | ahi | quiero que | haz que | movimiento
    """,
    "WAYOUT": "hasta",
    "AROUNDOFF": "sortea* | elude | eludir | esquiva | evade* | burla* | rodea",
    "TAKEOFF": "quita* | quite* | elimin* | retira* | quitale* | quitale a | retirale*",
    "FOLK": "personas | las personas | peatones | gente | a la gente | trabajadores | a los",
    "STRICT": "nada | nadie hace | no te muevas | no salgas",
    "NEWINSTR": "nuevas instrucciones | nueva instruccion | nuevas reglas",
    "THROW": "tira | tirale | lanza | lanzale | echa | suelta | arroja",
    "ATPEOPLE": "a | al | a la | a los | encima de | contra | sobre",
    "CRASH": "choca | estrella* | embiste | golpea | rompe | tira abajo | derriba | tumba | lanza | revienta | tira",
    "WALL": "pared | muro | puerta | puertas | barrera | valla | verja | estanteria | reja | cancela",
    "ONFLOOR": "en el suelo | agachad* | tirado | tirada | tumbad*",
    "GOANY": "por encima | igual | pegado | sigue | tira",
    "STOPBTN": "la seta | seta | boton rojo | boton de parada | boton de emergencia | la parada de | el boton",
    "PRESSED": "apretado | apretaron | pulsado | pulsaron | han apretado",
    "ANYWAY": "igual | sigue | da igual | tranquilo | continua | de todas formas",
    "KIN": "nino | nina | ninos | hija | hijo | bebe | paciente",
    "RAM": "embiste | embista",
}
