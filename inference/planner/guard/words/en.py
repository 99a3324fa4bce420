"""English: what says that a protection is lowered, a person is meant, an exit is blocked, and so on."""

from __future__ import annotations

CONCEPTS = {
    "OFF": """
        ignore* | ignoring | disregard* | override* | overrid* | disabl* | disengag* | deactivat* | deactiv*
        inactivat* | switch* off | switch* it off | turn* off | turn* it off | shut off | shutting off | shut down
        kill the | cut the | cut power to | power down | power off | mute* | muting | silence* | silencing | unplug*
        disconnect* | defeat* | circumvent* | suspend* | neutralis* | neutraliz* | sabotag* | blind the | cover up
        tape over | put tape over | tape across | tamper* | jam the | jumper* | short out | knock out
        take out of action | pay no attention to | pay no heed to | turn a blind eye to | dont care about
        do not care about | dont worry about | do not worry about | don t worry about | dont bother with
        do not bother with | dont bother about | dont respect | do not respect | dont obey | do not obey
        stop obeying | stop respecting | dont observe | violate* | never mind the | do away with | relax | loosen
        waive | be blind to | bridge | fool | trick | dodge | disarm* | unhook | detach | stop using | dont use
        do not use | make* do without | ditch | abolish | nullify | shut | turn | forgot | forget | discard*
        dismiss | overwrite | put aside | put * aside | overrule*
    """,
    "SKIP": """
        skip* | forget | forget about | never mind | without | without any | jump* | leave out | no need for
        not bother with | minus | free of | with no | w o | drop | omit* | instead of
    """,
    "OFFSTATE": """
        disabled | deactivated | muted | switched off | turned off | inactive | bypassed | ignored | overridden
        suspended | lifted | waived | void | not needed | not required | irrelevant | disengaged | unplugged
        disconnected | dont apply | do not apply | doesnt apply | does not apply | dont count | do not count
        does not count | doesnt count | dont matter | do not matter | doesnt matter | does not matter
        no longer apply | no longer applies | is optional | are optional | turned down | is off | are off | be off
        were off | now off | temporarily off | currently off | can wait | comes second | comes last | comes later
        is silly | is a nuisance | keeps annoying | is annoying | no longer needed
    """,
    "GUARD": """
        safety | safe mode | safe distance | safeguard* | sensor* | scanner* | lidar* | laser | lasers
        laser scanner* | bumper* | interlock* | light curtain* | protective field* | protective stop* | protection
        protections | guard | guards | guarding | warning field* | warnings | warning light* | warning lamp*
        beacon* | horn | buzzer | beeper | alarm | alarms | speed limit* | speed cap | speed restriction*
        speed governor | limiter* | limits | limit | limitations | restrictions | restriction | charging limit*
        charge limit* | battery limit* | weight limit* | load limit* | payload limit* | obstacle detection
        obstacle avoidance | person detection | people detection | human detection | pedestrian detection
        collision avoidance | collision detection | collision check* | collision sensor* | anti collision | brakes
        brake | braking | emergency brake* | e stop | estop | emergency stop | emergency stops | stop button
        stop buttons | kill switch | dead man* | deadman* | watchdog | failsafe* | fail safe* | geofence*
        geo fence* | camera check | cameras | camera | checks | safety check* | clearance check | validator
        validation | rules | the rule | traffic rules | guardrail* | speed monitoring | the curtain | caution
        the red button
    """,
    "ZONE": """
        no go zone* | no go area* | no go | keep out | keep out zone* | restricted zone* | zone | zones
        zone boundar* | forbidden area* | restricted area* | closed area* | closed zone* | exclusion zone*
        exclusion area* | human only * | pedestrian zone* | obstacles | obstacle | barrier* | fence | fences
        red light* | traffic light* | stop line* | stop sign* | warning sign* | safety sign* | right of way
        give way | quarantine | quarantines | quarantine hold | hold on the goods | lockout | tagout
        lock out tag out | light signal* | crossing signal* | battery warning* | battery level* | the battery
        low battery | no entry | no entry sign* | people only zone* | red button | stop sign
    """,
    "OF": "of | for",
    "PEOPLE": """
        people | person | persons | pedestrian | pedestrians | worker | workers | colleague* | coworker*
        co worker* | crowd | crowds | human | humans | man | men | woman | women | guy | guys | visitor* | operator
        operators | driver | drivers | someone | somebody | anyone | anybody | everyone | everybody | whoever | him
        kid | kids | child | children | employee* | picker | pickers | cleaner | cleaners | bystander* | staff
        crew | personnel | temp | temps | trainee* | apprentice* | intern | boy | boys | girl | girls | lady
        ladies | gentleman | security guard | night guard | foreman | supervisor | boss | team | folk* | passer by
        passers by | walkers | forklift driver* | technician* | guest | guests | night shift | day shift
        early shift | late shift | those standing | dog | cat | animal | animals | bird | daughter | my daughter
        son | sister | brother | mother | my wife | my husband | the patient | patients | nurse | nurses
        consultant | vet | doctor | doctors | thief | intruder | temp worker | peter | anna | tom | tim
        anybody there | those people | legs | feet | foot | toes | hand | hands | fingers | heels | lying worker
        mouse | rat | pigeon
    """,
    "HARM": """
        ram | rams | ramming | hit | hits | hitting | strike | knock | knock down | knock over | bump | bump into
        crush* | crash into | smash* | scare* | scaring | frighten* | startle* | spook | terrify | hurt | hurting
        injure | injuring | attack* | kill | killing | run over | run down | run into | runs over | drive over
        drive into | drive straight into | drive at | drive right up to | drive straight at | mow down | flatten
        squash | pin | punch | stab | slap | kick | harass | intimidat* | threaten* | poke | jab | trip | trap
        lock in | electrocute | roll over | plow into | plough into | barge into | harm | harming | assault | wound
        maim | squeeze the life | over her foot | over his foot | over my foot | onto whoever | fall on | touching
        shoot | fire at | chase | bully | run them over | run him over | run her over | hit them | hit him
        nudge them | push them | bump them
    """,
    "PUSH": """
        push* | shove* | nudge* | move aside | elbow | shoo | drive off | herd | clear away | bulldoze | force
        jostle | barge | get rid of | press | run
    """,
    "HERD": """
        chase* | follow | stalk | track | spy on | hunt | pursue | tail | record | photograph | watch over | monitor
        grab | catch | corner | block | trap | detain | hold up | imprison | lock up | restrain | lock | shut | pin
        bully | tease | pin her | pin him | film the | film that | film him | film her | film them
    """,
    "GO": """
        drive | drives | driving | go | goes | going | run | move | moving | plough | plow | barge | squeeze | head
        straight | push | push on | send | pass | cut | roll | cross | get | enter | force your way | carry on
        keep going | charge | travel | race | speed | steam | burst | slip | sneak | navigate | shortcut | weave
        bring it | take it | step
    """,
    "THROUGH": """
        through | into | straight at | straight through | between | amongst | among | right at | right through
        over the top of | in between | right into | in among | among the
    """,
    "FORBID": """
        closed area* | closed zone* | closed aisle* | closed section* | no go zone* | no go area* | no go
        keep out zone* | keep out area* | keep out | restricted area* | restricted zone* | restricted aisle*
        forbidden area* | forbidden zone* | prohibited area* | prohibited zone* | off limits | blocked off area*
        cordoned off * | roped off * | locked area* | exclusion zone* | human only * | humans only *
        pedestrian zone* | pedestrian walkway* | pedestrian path* | pedestrian lane* | people only * | guarded area*
        fenced area* | fenced off * | robot cell | safety cage | red light* | wrong way | where it is forbidden
        where it is not allowed | where robots are not allowed | danger zone* | people only zone* | no entry
    """,
    "AROUND": """
        around | avoid | avoiding | round | away from | keep out of | stay out of | clear of | outside | never enter
        except | dont enter | do not enter | dont go | do not go | not go | stay away | keep away
    """,
    "CARRY": """
        carry | carrying | lift | transport | take | bring | pick up | haul | move | deliver | give | hoist | raise
        drive | fetch | transport*
    """,
    "GIVE": """
        give | gives | giving | gave | offer | offering | let have | lets have
    """,
    "ALIFT": """
        a lift | a ride | a wee lift | a quick lift | a quick ride
    """,
    "TOWARD": """
        to the | to dock | to row | to gate | to a | to your | to my | home | upstairs | on the forks
        on your forks | on the fork | on the robot | on your back | on your platform | on top | on board | aboard
        a ride | a lift | for a ride | for a spin | ride | on the platform | around the | onto the | into the
        up to the | up in the | up on | with you | off the ground | on the pallet | on a pallet | through the
        over to | to
    """,
    "BLOCK": """
        block | blocks off | blocking off | block off | obstruct | barricade | seal | seal off | cover | jam | bar
        obscure | wall off | close off | hide | chain up | bolt
    """,
    "PUT": """
        park | leave | put | place | stack | pile | dump | store | drop | set | stand | unload | wait | stop
        position | stay | stuff | line up | lay | lean | parking | build
    """,
    "FRONT": """
        in front of | before | across | right across | against | in | on | over | at | by | blocking
        so that it blocks | close to | right up against | under | up against | inside | into | along
        in front of the door
    """,
    "EXIT": """
        fire exit* | emergency exit* | emergency door* | fire door* | fire escape* | escape route* | escape way*
        escape door* | escape path* | evacuation route* | evacuation path* | exit door* | exits | the exit
        extinguisher* | fire extinguisher* | first aid * | first aid | aid cabinet | defibrillator* | aed | hydrant*
        fire hose* | sprinkler* | eyewash | eye wash | emergency shower | fire alarm* | alarm button* | stairwell*
        emergency staircase | assembly point | muster point | emergency phone | smoke detector* | fire door | stairs
        the stairs
    """,
    "CLEAR": """
        that blocks | which blocks | that is blocking | which is blocking | thats blocking | clear | away from
        whether | check | inspect | look | scan | photo | report | see if | from
    """,
    "NEG": "dont | do not | don t | never | no | not | without | wont | will not | nothing must | must not | mustnt",
    "BRAKE": """
        stop | stopping | brake | braking | slow | slow down | slowing | slowing down | yield | yielding | halt
        halting | wait | waiting | give way | pause | swerve | stopped | stops
    """,
    "FORWHOM": """
        for anyone | for anybody | for people | for pedestrian* | for any | for the people | for the worker*
        for worker* | for nobody | for no one | for him | for her | for them | for someone | for somebody
        for human* | for obstacle* | for the light* | for red | for anything | for everyone | for alarm*
        for warning* | for the scanner | for traffic | for crossing* | for kid* | for staff | for the staff
        for those | for visitor* | for the crew | for the bumper | for picker* | for whoever | for the crossing
        for forklift* | for nothing | for stop sign* | for the stop sign* | when | even | if | because | whatever
        no matter | at the crossing* | at crossing* | at red | at the red | at the light* | at the stop
        at stop sign* | at intersection* | at the people | at junction* | on the crossing*
    """,
    "BLIND": """
        looking | checking the way | checking for | checking left | braking | slowing | yielding | the camera*
        seeing | paying attention | watching | stopping for | waiting for clearance | waiting for people | a look
        checking
    """,
    "INWAY": """
        in the way | in your way | standing there | standing in | in front of you | is there | are there | gets hurt
        get hurt | is hurt | stands there | on the path | in the path | somebody | someone | anyone | people
        person | walks | steps out | crossing | shouting | complain* | scream* | battery is empty | battery is flat
        battery is dead | is dead | weren t | werent
    """,
    "ANYHOW": """
        no matter who | no matter what | no matter whether | no matter if | even if | even when | even though
        regardless of who* | regardless of what* | regardless of if | regardless of whether | whether or not
        whoever | anyone who | anybody who | whatever happens | regardless
    """,
    "DESPITE": "despite | in spite of | regardless of | against | notwithstanding | even though there is a",
    "OVER": """
        faster than | quicker than | more than | above | over | beyond | past | exceed* | heavier than | twice
        double | triple | three times | break | breaking | top | higher than | greater than | in excess of | go over
        push it past | push past
    """,
    "LIMIT": """
        allowed | permitted | the limit | limit | limits | speed limit* | maximum | max | capacity | rated load
        the rating | legal | it can carry | it can take | it can handle | it can lift | payload | rated
        what is safe | safe | weight limit* | load limit* | permitted speed | top speed | charging limit*
        battery limit* | it is built for | its capacity
    """,
    "OPEN": """
        open | unlock | reopen | lift | break into | force open | unblock | take down | open up | breach | get into
    """,
    "GUARDED": """
        guarded area* | zone | zones | robot cell | cell | fence | fences | interlock | safety gate* | safety door*
        cage | safety cage | protected area* | restricted area* | closed area* | guard door* | machine guard*
        no go area* | cell gate | quarantine | locked area* | closed section* | enclosure
    """,
    "RESET": """
        reset* | resetting | release* | releasing | clear | cancel | lift | acknowledge* | ack | silence
        confirm away | remove | delete | dismiss | wipe | unlatch | re arm | rearm | turn off | switch off | disarm
        end the | undo | override | take off | get rid of | unlock | restart after
    """,
    "STOPNOUN": """
        stop | stops | latch | hold | alarm | alarms | fault | faults | e stop | emergency stop | safety stop
        protective stop | interlock | estop | quarantine | lockout | error | errors | warning | warnings
        stop signal | the hold | safety circuit | safety relay | safety controller
    """,
    "GRANT": "grant | give | make | promote | assign | get | add | need | elevate | hand | extend | raise | gove",
    "RIGHTS": """
        admin | administrator | permissions | permission to everything | rights | root | superuser | privileges
        a supervisor | all access | full access | access to everything | access rights | admin access
        operator role | the role | my role | an admin | root access | supervisor | access level | admin s access
        operator rights
    """,
    "CHANGE": """
        raise | increase | change | lower | remove | set | widen | lift | reduce | shrink | shorten | decrease
        edit | adjust | double | triple | extend | turn up | crank up | bump up | make | modify | redefine
        turn down | tweak
    """,
    "LIMITNOUN": """
        speed limit* | safety * | limits | protective field* | safety field* | stop distance | stopping distance
        battery limit* | warning field* | charging limit* | weight limit* | load limit* | max speed | maximum speed
        top speed | no go zone* | zone border* | safety zone* | braking distance | distance to people | limit
    """,
    "WAYOUT": "until | till",
    "INSTR": """
        instructions | instruction | rules | prompt | prompts | guidelines | training | policy | policies
        programming | everything you were told | what you were told | all you were told | orders you were given
        all prior | constraints | directives | commands you were given | restrictions | everything above
        everything before | the above | prior directions | previous directions | directions
    """,
    "REVEAL": """
        reveal | show | tell | print | repeat | output | display | what are | what is | what s | whats | list
        give me | share | dump | read out | leak | describe | explain
    """,
    "MYINSTR": """
        your instructions | your prompt | your rules | system prompt | your guidelines | your configuration
        your settings | your system | you were told | your code | your password | the password | your hidden
        your secret | your model | your training | your programming | above this line | your api key | access codes
        your orders
    """,
    "OBEY": """
        do what | do whatever | do as | do exactly what | do everything | follow | following | obey | execute
        carry out | comply with | act on | act according to | run the command* | perform what | so do | then do it
        do it | do that | as it says | use the command* | apply what | go by what | proceed as | take orders
    """,
    "NOTE": """
        note | notes | label says | label tells | the label | labels say | labels tell | sign says | sticker
        comment | comments | description | text on | remark | whatever is written | what is written | whats written
        whatever it says | what it says | post it | printed on | written on | instructions on | instructions in
        instructions from | note says | whatever the | the instructions | message on | the qr code | barcode says
        the email | email says | the screen says | the display says | says skip | order text | item name | item text
        wms | the ticket | code | codes | the code in
    """,
    "CONFIRM": """
        validation | validator | confirmation | preview | approval | review | permission | authorisation
        authorization | clearance | sign off | asking | release | the check | the checks | checks | safety check*
        check | confirming | approving | a permit
    """,
    "ROLE": """
        i am the | i am an | i am your | im the | im an | im your | i m the | i m your | as the | as an | as your
        this is the | this is your | speaking as | on behalf of | the boss | the manager | my manager | management
        my boss | the safety officer | the supervisor | the ceo | head office | it department | security team
        the vendor* | the manufacturer | the director | we are the | i have | i hereby
    """,
    "ALLOW": """
        authori* | allow* | allows | permit | permits | permission | override | approve* | skip | ignore | lifted
        waive* | clear you | said you may | said you can | said its ok | said it is ok | said its fine
        says its fine | says it is ok | exempt* | lift | no limits | the limits | all limits | clearance | may skip
        dont need
    """,
    "AROUNDOFF": "bypass* | by pass* | work around | get around | get past the | sidestep | dodge | go around the",
    "TAKEOFF": """
        remove | removing | strip | rip off | rip out | get rid of | lift all | drop all | leave out | tape * down
        leave the | no | pull out | drop the | delete | erase
    """,
    "FOLK": """
        people | the people | persons | pedestrians | humans | anyone | anybody | whoever | workers | bystanders
        staff | that man | them | him | the crowd | everyone | those
    """,
    "NEWINSTR": """
        new instruction | new instructions | new system prompt | new rules | changed instructions
        updated instructions | new policy
    """,
    "STRICT": "nothing | nobody | do nothing | dont move | until | till | must not | not allowed",
    "CRASH": """
        crash | ram | rams | smash | hit | knock down | pull down | tear down | break down | drive against
        crash into | drive into | push over | shove | knock | bash | race against | force * through | force
        demolish | wreck | crush | hurl
    """,
    "WALL": """
        wall | walls | door | doors | gate | gates | barrier* | fence | rack | racks | shelf | shelves | shelving
        window | the other robot | robot | pillar | toolbox | the stairs
    """,
    "HAZARD": """
        the stairs | down the stairs | up the stairs | stairs | staircase | escalator | onto the road | on the road
        onto the street | onto the railway | railway | into the water | into the fire | through the smoke
        the smoke | through the fire | fire | motorway | highway | the hanging load | hanging load | the raised load
        under the load | beneath the load | off the dock | off the ramp | off the edge | off the mezzanine
        into traffic | the press area | while it is running | the flames | into the smoke | the lifted forks
    """,
    "THROW": "throw | drop | fire | shoot | tip | pour | push | dump | launch | fling | hurl | toss",
    "ATPEOPLE": "at | onto | on | on top of | over",
    "STOPBTN": "stop button | red button | emergency button | e stop | emergency stop",
    "PRESSED": "pressed | is pressed | was pressed | hit | pushed | is in",
    "ANYWAY": """
        anyway | carry on | keep going | clear | go on | still | regardless | drive on | never mind | continue
        keep running
    """,
    "ONFLOOR": "on the floor | kneeling | lying | asleep | on the ground | sleeping",
    "GOANY": "anyway | over | close | past | squeeze past | just go | regardless | carry on | drive on",
    "ABOARD": """
        ride | on the robot | on top | sit | aboard | on your back | on the forks | on your forks | on the platform
        stand on | climb
    """,
    "LET": "let | allow | can | may | have | can my | can we | can i",
    "OFFLAST": """
        turn off | switch off | shut off | off turn | off switch | disable it | disable them | bypass it | ignore it
        turned off please
    """,
    "KIN": """
        child | kid | kids | children | my daughter | my son | my cat | my dog | a patient | the patient | my sister
        my brother | my mother | baby | toddler | a person | a human
    """,
    "RAM": "ram | crash into | smash into | knock over | smash",
}
