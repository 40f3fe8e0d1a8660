"""Why a command of staff is not carried out, and what would be: each in Dutch and in English."""

from bot.errors import Refused

_NOTHING_DONE = ("Er is niets gedaan.", "Nothing was done.")
_REASONS: dict[str, tuple[str, str]] = {
    # The first line
    "empty": (
        "In uw mail stond geen opdracht. Zet de opdracht op de eerste regel. Met `help` krijgt u de lijst.",
        "Your mail held no command. Put the command on the first line. `help` gives you the list.",
    ),
    "unknown": (
        "“{line}” is geen opdracht. Met `help` krijgt u de lijst.",
        "“{line}” is no command. `help` gives you the list.",
    ),
    "near": (
        "“{line}” staat er niet precies. Bedoelt u dit? `{usage}`",
        "“{line}” is not written exactly. Do you mean this? `{usage}`",
    ),
    "not_exact": (
        "De opdracht staat er niet precies. Schrijf: `{usage}`. Eigen tekst komt na een dubbele punt of op de "
        "volgende regel.",
        "The command is not written exactly. Write: `{usage}`. Your own text comes after a colon or on the next "
        "line.",
    ),
    "no_text": ("Er ontbreekt tekst. Schrijf: `{usage}`.", "Words are missing. Write: `{usage}`."),
    "text_below": (
        "Onder de opdracht staat nog tekst. Bedoelt u alleen `{usage}`, schrijf dan verder niets. Uw naam mag "
        "eronder na een groet of na “--”.",
        "There is text below the command. If you mean just `{usage}`, write nothing else. Your name may stand "
        "below a closing greeting or below “--”.",
    ),
    # Why a letter cannot be written
    "changed": (
        "Er is iets veranderd na de mail die u beantwoordt: {what}. Wilt u het nog steeds, geef de opdracht dan "
        "opnieuw als antwoord op deze mail.",
        "Something changed after the mail that you answered: {what}. If you still want it, give the command again "
        "as an answer to this mail.",
    ),
    "closed": (
        "Deze zaak is gesloten. Geef eerst de opdracht `heropen`.",
        "This case is closed. Give the command `reopen` first.",
    ),
    "not_closed": ("Deze zaak is niet gesloten.", "This case is not closed."),
    "address": (
        "Aan {address} kan het programma geen brief sturen. Geef eerst het goede adres: `{usage}`.",
        "The program cannot write to {address}. Give the right address first: `{usage}`.",
    ),
    "supervisor": (
        "Aan de toezichthouder schrijft het programma nooit. Antwoord zelf vanuit de mailbox, en geef daarna "
        "`{usage}`.",
        "The program never writes to the supervisor. Answer yourself from the mailbox, and then give `{usage}`.",
    ),
    "quoted": (
        "In uw tekst staat een stuk van een mail van het programma. Begin een nieuw antwoord en laat de oude mail "
        "eruit.",
        "Your text holds part of a mail of the program. Start a new answer and leave the old mail out.",
    ),
    "names_other": (
        "Uw tekst noemt een andere zaak ({ref}). Haal dat nummer weg.",
        "Your text names another case ({ref}). Take that number out.",
    ),
    "too_long": (
        "De tekst is langer dan {limit} tekens. Maak die korter.",
        "The text is longer than {limit} characters. Make it shorter.",
    ),
    "unsure": (
        "Nog niemand zei wat deze zaak is. Geef eerst: `{usage}`.",
        "Nobody said yet what this case is. First give: `{usage}`.",
    ),
    "concluded": (
        "Deze zaak is al afgerond. Wacht de brief nog, geef dan eerst `stop`. Is de zaak gesloten, geef dan eerst "
        "`heropen`.",
        "This case has been concluded. If its letter is still held, give `stop` first. If the case is closed, "
        "give `reopen` first.",
    ),
    "held_first": (
        "Er wacht nog een brief ({letters}). Geef eerst `stop` of `verstuur`.",
        "A letter is still being held ({letters}). Give `stop` or `send` first.",
    ),
    # Decisions
    "not_request": (
        "Dit is geen verzoek maar: {kind}. Geef `{usage}`, of zeg eerst dat het een verzoek is: `{relabel}`.",
        "This is no request but: {kind}. Give `{usage}`, or say first that it is a request: `{relabel}`.",
    ),
    "all_decided": (
        "Over alle rechten is al besloten. Wilt u een ander besluit, noem dan het recht.",
        "All rights are decided. If you want another decision, name the right.",
    ),
    "not_asked": (
        "{rights} hoort niet bij deze zaak. Hoort het er wel bij, geef dan eerst `{relabel}`.",
        "{rights} is not part of this case. If it should be, first give `{relabel}`.",
    ),
    "unsure_rights": (
        "Het is niet zeker of {rights} ook is gevraagd. Geef `{with_them}` als het zo is, of `{without}` als het "
        "niet zo is.",
        "It is not sure whether {rights} is asked too. Give `{with_them}` if it is, or `{without}` if it is not.",
    ),
    "no_rights": (
        "Bij een verzoek hoort een recht. Geef bijvoorbeeld `{relabel}`.",
        "A request needs a right. Give for instance `{relabel}`.",
    ),
    "already_decided": (
        "Over {rights} is al besloten. Wacht die brief nog, geef dan eerst `stop`.",
        "{rights} was decided already. If that letter is still held, give `stop` first.",
    ),
    "at_once": (
        "{rights} kan niet worden geweigerd, ook niet deels: voer het direct uit en geef `{usage}` (AVG art. 7 "
        "lid 3 en art. 21 lid 3).",
        "{rights} cannot be refused, not even in part: do it at once and give `{usage}` (GDPR art. 7(3) and "
        "21(3)).",
    ),
    "how_data": (
        "Zeg bij {rights} hoe de gegevens bij de betrokkene komen, bijvoorbeeld: `{usage}`. Bijlagen bij uw mail "
        "stuurt het programma nooit door.",
        "With {rights}, say how the data reach the person, for instance: `{usage}`. The program never passes on "
        "attachments of your mail.",
    ),
    "recipients_first": (
        "Zeg bij {rights} eerst of de ontvangers van de gegevens zijn ingelicht (AVG art. 19): `{usage}`.",
        "With {rights}, first say whether the recipients of the data were told (GDPR art. 19): `{usage}`.",
    ),
    "extended_before": (
        "Deze zaak is al een keer verlengd, op {day}. Vaker mag niet.",
        "This case was extended before, on {day}. It can be done only once.",
    ),
    "extend_too_late": (
        "Verlengen kon tot en met {day} (AVG art. 12 lid 3). Geef zo snel mogelijk een besluit.",
        "It could be extended up to and including {day} (GDPR art. 12(3)). Decide as soon as possible.",
    ),
    "extend_at_once": (
        "Dit moet direct worden uitgevoerd en kan niet wachten. Doe het, en geef `{usage}`.",
        "This must be done at once and cannot wait. Do it, and give `{usage}`.",
    ),
    "close_request": (
        "Op een verzoek past een besluit. Geef `{granted}`, `{partly}` of `{refused}`.",
        "A request needs a decision. Give `{granted}`, `{partly}` or `{refused}`.",
    ),
    "close_other": (
        "Deze zaak is geen klacht of vraag. Geef `{not_privacy}` of `{settled}`.",
        "This case is no complaint or question. Give `{not_privacy}` or `{settled}`.",
    ),
    "settled_complaint": (
        "Dit was ook een klacht. De betrokkene moet bij het sluiten lezen waar hij of zij verder kan klagen. Geef "
        "`{usage}`.",
        "This was also a complaint. When it closes, the data subject must read where they can complain next. Give "
        "`{usage}`.",
    ),
    "controller_address": (
        "Het mailadres van de verantwoordelijke ontbreekt of klopt niet. Schrijf: `{usage}`.",
        "The controller's mail address is missing or wrong. Write: `{usage}`.",
    ),
    "asked_held": (
        "Deze vraag staat al klaar (brief {number}). Geef eerst `stop`, of geef `wijzig`.",
        "This question is already held (letter {number}). Give `stop` first, or `change`.",
    ),
    "name_known": (
        "De naam is al bekend. Wilt u iets anders vragen, geef dan `vraag toelichting: tekst`.",
        "The name is known. To ask something else, give `ask clarification: text`.",
    ),
    "no_identity": (
        "Wie toestemming intrekt of geen reclame meer wil, hoeft niet te zeggen wie hij of zij is. Voer het "
        "direct uit en geef `{usage}`.",
        "Who withdraws consent or wants no more advertising need not say who they are. Do it at once and give "
        "`{usage}`.",
    ),
    "not_restricted": ("In deze zaak geldt geen beperking.", "No restriction is in force in this case."),
    "lifting_held": (
        "Het bericht hierover is al gemaakt (brief {number}).",
        "The message about it was already made (letter {number}).",
    ),
    # Held letters
    "nothing_held": ("Er wacht geen brief.", "No letter is being held."),
    "no_letter": (
        "Brief {number} aan iemand buiten bestaat niet in deze zaak.",
        "This case has no letter {number} to somebody outside.",
    ),
    "which": (
        "Er wachten meer brieven: {letters}. Noem het nummer, bijvoorbeeld `{word} {number}`.",
        "Several letters are held: {letters}. Say the number, for instance `{word} {number}`.",
    ),
    "not_held": ("Brief {number} {stage}.", "Letter {number} {stage}."),
    "not_held_others": (
        "Brief {number} {stage}. Er wacht nog wel: {letters}.",
        "Letter {number} {stage}. Still held: {letters}.",
    ),
    "no_change": (
        "In deze brief staat geen eigen tekst. Geef `stop`, en daarna een nieuwe opdracht.",
        "This letter has no words of your own. Give `stop`, and then a new command.",
    ),
    "old_address": (
        "Brief {number} is gericht aan een vorig adres. Geef `stop`, en daarna de opdracht opnieuw.",
        "Letter {number} is addressed to an earlier address. Give `stop`, and then the command again.",
    ),
    # The case itself
    "drops_decided": (
        "Over {rights} is al besloten: dat recht moet blijven staan.",
        "{rights} was decided already: that right must stay.",
    ),
    "nothing_to_confirm": (
        "De ontvangst is al bevestigd en de soort staat vast.",
        "Receipt was confirmed and the kind is sure.",
    ),
    "confirm_other": (
        "Het is niet duidelijk wat deze zaak is. Geef `{usage}` of `{not_privacy}`.",
        "It is not clear what this case is. Give `{usage}` or `{not_privacy}`.",
    ),
    "no_such_case": ("Zaak {ref} bestaat niet.", "There is no case {ref}."),
    "same_case": ("{ref} is deze zaak zelf.", "{ref} is this very case."),
    "other_closed": ("Zaak {ref} is gesloten. Heropen die eerst.", "Case {ref} is closed. Reopen it first."),
    "other_younger": (
        "Zaak {ref} kwam later binnen en dan raakt de termijn van deze zaak zoek. Geef `{usage}`: dan loopt de "
        "oudste zaak door.",
        "Case {ref} came in later and the period of this case would be lost. Give `{usage}`: then the oldest case "
        "goes on.",
    ),
    "merge_decided": (
        "In zaak {ref} is al besloten of staat een brief klaar. Rond die zaak zelf af.",
        "Case {ref} has a decision or a held letter. Finish that case by itself.",
    ),
    "merge_settled": (
        "Zaak {ref} is al afgerond: alleen de brieven moeten nog weg. Rond deze zaak zelf af.",
        "Case {ref} is concluded: only its letters must still leave. Finish this case by itself.",
    ),
    "merge_rights": (
        "Zaak {ref} heeft nog niet dezelfde rechten ({rights}). Geef daar eerst `{relabel}`.",
        "Case {ref} does not have the same rights ({rights}). There, first give `{relabel}`.",
    ),
    "merge_complaint": (
        "De zaak die zou sluiten is een klacht van een ander adres. Rond die apart af.",
        "The case that would close is a complaint from another address. Finish it apart.",
    ),
    # People and notes
    "not_handler": (
        "Er is nu geen behandelaar met het adres {address}. Kies uit: {handlers}.",
        "No handler who is present has the address {address}. Choose from: {handlers}.",
    ),
    "away_past": ("{day} is al voorbij. Schrijf: `{usage}`.", "{day} is past. Write: `{usage}`."),
    "away_who": (
        "Alleen een medewerker kan zich per mail afwezig melden.",
        "Only a staff member can say by mail that they are away.",
    ),
    "received_future": ("{day} moet nog komen.", "{day} is yet to come."),
}


def refusal(key: str, language: str, **values: object) -> Refused:
    """The error that says so to staff, in Dutch (`nl`), else in English."""
    which = 0 if language == "nl" else 1
    reason = _REASONS[key][which].format(**values)
    return Refused(f"{_NOTHING_DONE[which]} {reason[0].upper()}{reason[1:]}")
