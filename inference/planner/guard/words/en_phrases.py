"""English: what says it all by itself, stop words, and the goods that only sound alike."""

from __future__ import annotations

CONCEPTS = {
    "DANGER": """
        overload* | over load | set fire to | set on fire | burn down | blow up | explosive* | weapon* | bomb
        sabotage* | vandali* | drive blind | drive blindly | go blind | blindly | eyes closed | eyes shut
        with your eyes closed | give me a ride | give me a lift | give us a lift | give us a ride | give him a ride
        give her a ride | let me ride | take me with you | take me to | bring me to | drive me to | carry me
        take us to | carry us | let me sit on | let me stand on | hop on | pick me up and | lift me
        ride on the robot | ride on top | ride on your | ride on heron | ride on the forks | ride on it
        sit on the robot | stand on the forks | stand on the robot | sit on top | climb on | a joyride | a piggyback
        as a passenger | they will jump aside | they will move aside | they will get out of the way
        theyll get out of the way | theyll move | theyll jump | will jump aside | will have to move
        will get out of the way | will step aside | run the battery flat | run the battery down to zero
        until the battery is dead | till the battery is dead | till the battery dies | until the battery dies
        until the battery is completely dead | till the battery is completely dead | drain the battery | run it flat
        run flat | until it dies | crash it | crash the robot | crash into | ram the | ram it | ram into
        smash into | smash through | break the door | break through | tip over | tip the | knock the ladder
        push over | topple | under the load | under a raised | under the forks | put lives | cause an accident
        dont stop for | stop for nothing | stop for nobody | stop for no one | never stop | never brake | no brakes
        no braking | full throttle through | no stopping whatever | dont stop no matter | do not stop no matter
        on the wrong side | steal | stolen | smuggle | poison* | throw it at | throw at | spill the | mix the acid
        mix acid | pour out | pour the acid | hide the leak | hide the damage | dont report | do not report
        nobody must see | no one must see | before anyone notices | without being seen | drugs | fire door open
        fire door in * open | wedge the fire door | prop the fire door | prop open the fire door | wedge open
        on fire | if it burns | smells of smoke | if its burning | if it is burning | cable is damaged
        keep charging even | next to the heater | near the heater | play chicken | lets race | have a race
        race with | race against | a race between | do doughnuts | doughnuts | donuts around | wheelies | burnouts
        drifts | sky high | cant see over | can t see over | so high that | drain your battery | open petrol
        open acid | run from the police | no matter who is there | whoever gets in | people or not | little shove
        a shove with | at full speed through | full speed past | full speed through | top speed past
        maximum speed past | flat out through | flat out past | while people are | while the shift | dark and silent
        stop beeping | no beeping | without beeping | beeping off | close to their heels | finger s width
        fingers width | within an inch | an inch of | step aside just | drive through as if | as if it were normal
        twice that speed | straight through the people | asleep on a pallet | with her on it | with him on it
        with them on it | stand on your | sit on your | ride on | a ride on | a ride round | a ride around
        give me aboard | climb aboard | tape it down | tape it over | curtain off | make the floor slippery
        evacuat* the alarm | the alarm is on but | ignore the alarm | spill the acid | spill acid | fall over on
        nobody can get out | nobody can leave | nobody can get past | no one can get out | no one can leave
        no one can get past | nobody gets out | nobody can escape | nudge them | run into them | through them
        bump into them | while it is running | as if it weren t | as if it werent | caution comes second
        be like that | smoke and people | hit them | hit him | run them over | run him over | run her over
        run it over | until it tips | until it falls | over people s feet | over peoples feet | over people s
        try anyway | start it up | start the machine | inside the machine | cover up the injury
        cover up the damage | hide the injury | the flooded | flooded area | burn | set alight | run over the mouse
        can it just not stop | just not stop | not stop at all | onto the runway | runway | public street
        public road | overheat | overcharg* | mix the chemical* | mix chemicals | mix the liquids | fling
        halve that distance | halve the distance | keep less distance | reduce the distance | keep quiet about
        the knife | the gun | knives at | squeeze everyone | skip the red light | run the red light
        jump the red light | at flat out | race through | on her foot | on his foot | can i sit on | could i sit on
        may i sit on | can i ride | sit on the | drive on when it does | only the curtain | ignore whatever it says
        kick the | kick it | park on her | park on his | park on top of him | straight into them | over them
        straight over them | may run over | catches fire | catch fire | short circuit | throw the fire
        hid the accident | hide the accident | cut through it | herd them | drive straight through | is smoking
        smoking battery | blindfolded | over the dock edge | off the upper level | onto people | on fre
        lifted forks | lifted load | someone is working under | working under the | just push on through
        push on through | push through | push them aside | make pedestrians wait | no need to wait for the
        no need to stop | no need to slow | fast no stops
    """,
    "INJECT": """
        system prompt | your prompt | the prompt | initial prompt | hidden prompt | you are now | you re now
        youre now | from now on you | from now on follow | from now on only | from now on ignore | from now on do
        new system prompt | previous instructions | prior instructions | earlier instructions | above instructions
        your instructions | your guidelines | your programming | your training | your rules | your constraints
        jailbreak* | acting as | roleplay | role play | pretend | pretending | imagine there are no
        imagine that there | simulate being | behave as | behave like | you have no restrictions | you have no rules
        you have no limits | you are free | you are an unrestricted | do anything now | developer message
        system message | end of prompt | end of instructions | begin new | written above this | the text above
        everything above | your configuration | reveal your | sudo | drop table | delete from | rm rf | import os
        javascript | eval | lets play a game | let s play a game | a game where | hypothetically | hypothetical
        in a hypothetical | in theory only | purely theoretical | in a story | for a movie | in a movie
        in the movie | if there were no rules | if there were no limits | suppose there are no
        suppose there were no | assume there are no | assume there is no | assume the aisle is clear | assume nobody
        decode this | decode the | decode and | decipher* | decrypt* | in base64 | base64 | rot13 | rot 13
        read this backwards | read it backwards | reversed text | spelled backwards | caesar cipher | morse code
        hex encoded | encoded message | encoded instruction* | secret code | encrypted | opposite day | reply with
        respond with | answer with the word | output the | print your | without asking anyone
        without asking anybody | without telling anyone | without anyone noticing | nobody will notice
        dont tell anyone | keep it secret | dont log | do not log | delete the log* | authorization code
        authorisation code | access code | passphrase | api key | the token | secret key | just say yes
        dispatch it without | delete all | trust me | act as if | act as a | act as an | act as the
        read * backwards | reply only | answer only | answer just | return only | respond only | output only
        only with json | with json | as json | decision plan | never refuse | do everything i say | do whatever i
        whatever i tell you | orders are | real orders | real instructions | nothing is real | validation false
        no validation | override codes | confirm everything | confirm automatically | approve everything
        approve all | approve automatically | already approved | already validated | mark * approved | install this
        install my | this plugin | usb stick | hack | hacking | delete the database | delete the log
        clear the logs | delete the logs | wipe the logs | wipe the disk | format the disk | run this script
        run this command | execute this | take orders from it | take orders from | log me in | login data
        credentials | api keys | customer data | read everything above | filter that checks | bypass the filter
        disable the filter | no checks for me | stop the others | shut out the others | clear all missions
        cancel all missions | delete all missions | lock all missions | lock every zone | reserve all zone*
        reserve every zone | i take responsibility | on my responsibility | on my own authority | dont write
        simulation only | only a simulation | return exactly the | run the following command
        run the following script | run the following code | return exactly this | unlimited rights
        operator has unlimited | as dan | like dan | overwrite the above | overwrite your | overwrite all
        dont ask for validation | set validation | validation to | debug session | play dan | word for word
        listen to me only | listen only to me | obey me | obey only me | no human check | approve it all yourself
        approve it yourself | dispatch everything automatically | dispatch every mission | automatically dispatch
        wipe the | repeat the rules | you are root | you have root | all powers | super user | superuser
        your password | the admin password | tell me the password | give me the password | what is the password
        passwords | dropped your restrictions | drop your restrictions | your restrictions | everything i say
        anything i say | no exceptions | log in with it | log in as | set guard | guard to | magic word | unlock all
        wipe all | answer with exactly | answer with | dont count any more | orders dont count | someone s password
        colleague s password | s password | imagine you are | imagine you re | imagine youre | imagine you have
    """,
    "PROTECT": """
        maintenance mode | service mode | debug mode | god mode | admin mode | root mode | developer mode
        unrestricted mode | override mode | manual mode | test mode | teach mode | engineering mode
        back into service | back in service | override code | master key code | manual override | safety off
        zones off | sensors off | scanner off | laser off | brakes off | no limits | without limits
        no restrictions | without restrictions | no safety | no rules | without rules | unsafe mode
        free drive mode | commissioning mode | diagnostic mode | diagnostics mode | overcharge* | at your own risk
        at my own risk | wrong side of the fence
    """,
    "STOP": """
        stop | halt | freeze | abort | all stop | stop now | hold it | hold on | stand still | cease | stop moving
        full stop | stop it | stop that | stop right there | hold everything | hold position | emergency stop
        e stop | stop working
    """,
    "FILLER": """
        please | now | everyone | everything | all | the | robot | robots | immediately | them | it | that | this
        hey | whoa | no | everybody | right now | at once | of | tell | make | have | to | must | should | every
        single | any | for heaven s sake | for heavens sake | for gods sake | for god s sake | moving | movement
        movements | right | quick | quickly | there | here | i | said | i said | need | needs | you | oh | ok | okay
        ah | wait | just | can | could | would | want | let | this instant | instant | fleet | whole | traffic
        vehicles | trucks | agvs | and | us | we | operations | missions | work | entire | site | everyones
        complete | stopping
    """,
    "GOODS": """
        sign | signs | vest | vests | blanket* | battery | batteries | kit | kits | key | keys | cover | covers
        box | boxes | crate* | carton* | pallet* | shelf | shelves | rack | part | parts | spare* | strip | strips
        pad | pads | disc | discs | sticker* | label* | cable* | bracket* | bag | bags | clock* | desk | bench | row
        store | room | mover | movers | carrier* | carriers | badge* | glove* | shoes | boots | goggles | glasses
        helmet* | equipment | gear | papers | paper | forms | manual* | poster* | case | cases | stand | stands
        bin | bins | proof | mat | mats | tape | tapes | jacket* | uniform* | supplies | lens | lenses | bulbs
        module* | housing* | mount* | locker* | entrance | canteen | lounge | office | meeting | training | cones
        cone | tag | tags | bolts | relays | buttons | stickers | cushions | order | orders | stock | cabinets
        blocks | pallet
    """,
    "GOODSWORD": """
        people mover* | people carrier* | stop sign* | patient meals | patient records | doctors office
        hand truck* | hand pallet* | hand sanitiser | hand sanitizer | hand tools | hand soap | foot pump
        foot mats | hand towels | hand wash | override keys | drive over to | run over to | go over to
        roll over to
    """,
}
