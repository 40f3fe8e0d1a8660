"""What the program tells staff about what their commands did: each sentence in Dutch and in English."""

_SENTENCES: dict[str, tuple[str, str]] = {
    # Why a letter cannot be written
    "changed_joined": ("de betrokkene schreef opnieuw", "the data subject wrote again"),
    "changed_elsewhere": ("iemand antwoordde vanuit de mailbox zelf", "somebody answered from the mailbox itself"),
    "changed_written": ("een collega schreef aan de betrokkene", "a colleague wrote to the data subject"),
    "changed_letter": (
        "een collega verstuurde een brief of hield die tegen",
        "a colleague sent a letter or stopped it",
    ),
    "changed_case": ("een collega nam een besluit of wijzigde de zaak", "a colleague decided or changed the case"),
    "no_address": ("een leeg adres", "an empty address"),
    # Decisions
    "how_data_example": (
        "ingewilligd {rights}: U krijgt uw gegevens vandaag in een aparte mail van ons.",
        "granted {rights}: You will receive your data today in a separate mail from us.",
    ),
    "decided": ("Besluit over {rights}: {outcome}.", "Decision on {rights}: {outcome}."),
    "granted": ("ingewilligd", "granted"),
    "partly": ("deels ingewilligd", "partly granted"),
    "refused": ("geweigerd", "refused"),
    "attachments": ("Bijlagen gaan niet mee.", "Attachments are not passed on."),
    "still_open": ("Nog te besluiten: {rights}.", "Still to be decided: {rights}."),
    "still_unsure": (
        "Zeg nog of {rights} ook is gevraagd: `{with_them}` of `{without}`.",
        "Still say whether {rights} is asked too: `{with_them}` or `{without}`.",
    ),
    "recipients_too": (
        "Leg ook vast of de ontvangers zijn ingelicht (AVG art. 19): `{usage}`.",
        "Also record whether recipients were told (GDPR art. 19): `{usage}`.",
    ),
    "extended": ("De termijn loopt nu tot en met {day}.", "The period now ends on {day}."),
    "will_close": ("De zaak sluit als alle brieven weg zijn.", "The case closes when every letter has left."),
    "closes_silently": (
        "De zaak sluit zonder brief, want er is nooit een bevestiging verstuurd.",
        "The case closes without a letter, because no confirmation was ever sent.",
    ),
    "settled": ("Vastgelegd: dit is al geregeld. De zaak sluit.", "Recorded: this is settled. The case closes."),
    "forwarded": (
        "Klaargezet: het verzoek aan {name} ({address}), en bericht aan de betrokkene.",
        "Prepared: the request to {name} ({address}), and a message to the data subject.",
    ),
    "forwarded_dealer": (
        "Klaargezet: bericht aan {name}, die het verzoek zelf stuurde ({address}).",
        "Prepared: a message to {name}, who sent the request ({address}).",
    ),
    "answered": ("Bericht aan de betrokkene klaargezet.", "Message to the data subject prepared."),
    "asked": ("Vraag aan de betrokkene klaargezet.", "Question to the data subject prepared."),
    "lifted": (
        "Bericht aan de betrokkene klaargezet. Hef de beperking pas op als dat bericht weg is.",
        "Message to the data subject prepared. Lift the restriction only after that message has left.",
    ),
    # Where a letter goes from here
    "leaves_at": (
        "De brief vertrekt vanzelf op {moment}, tenzij u eerst `stop` antwoordt.",
        "The letter leaves by itself on {moment}, unless you answer `stop` first.",
    ),
    "leaves_on_send": (
        "De brief vertrekt pas als u `verstuur` antwoordt.",
        "The letter leaves only when you answer `send`.",
    ),
    "shadow": (
        "Er gaat niets weg: het programma staat in de proefstand (shadow).",
        "Nothing leaves: the program runs in shadow mode.",
    ),
    # Held letters
    "stage_queued": ("is al onderweg", "is on its way"),
    "stage_sending": ("is al onderweg", "is on its way"),
    "stage_sent": ("is al verstuurd", "was sent"),
    "stage_failed": ("kon niet worden bezorgd", "could not be delivered"),
    "stage_stopped": ("is al tegengehouden", "was stopped before"),
    "stage_shadow": (
        "bleef binnen, want het programma staat in de proefstand (shadow)",
        "stayed in (shadow mode)",
    ),
    "stage_held": ("wacht nog", "is being held"),
    "letter": ("brief {number}, {purpose}", "letter {number}, {purpose}"),
    "purpose_confirmation": ("bevestiging", "confirmation"),
    "purpose_ask": ("vraag", "question"),
    "purpose_ask_again": ("herinnering aan de vraag", "reminder of the question"),
    "purpose_answer": ("antwoord", "answer"),
    "purpose_decision": ("besluit", "decision"),
    "purpose_extension": ("verlenging", "extension"),
    "purpose_lifting": ("opheffing van de beperking", "end of the restriction"),
    "purpose_closing": ("afsluiting", "closing"),
    "purpose_forwarding": ("doorsturen", "forwarding"),
    "stopped": (
        "Tegengehouden: {letters}. Wat erin stond geldt niet.",
        "Stopped: {letters}. What it said does not count.",
    ),
    "changed_text": ("De brief heeft een nieuwe tekst.", "The letter has a new text."),
    "sent": ("Gaat nu weg: {letters}.", "Leaves now: {letters}."),
    # The case itself
    "labelled": ("Vastgelegd: deze zaak is een {kind}.", "Recorded: this case is a {kind}."),
    "labelled_rights": (
        "Vastgelegd: deze zaak is een {kind}: {rights}.",
        "Recorded: this case is a {kind}: {rights}.",
    ),
    "labelled_other": (
        "Vastgelegd: deze zaak is geen verzoek, klacht of vraag.",
        "Recorded: this case is no request, complaint or question.",
    ),
    "close_next": ("Sluiten kan met `{not_privacy}` of `{settled}`.", "`{not_privacy}` or `{settled}` closes it."),
    "confirming": ("De bevestiging staat klaar.", "The confirmation is prepared."),
    "confirmed_before": ("De ontvangst was al bevestigd.", "Receipt was confirmed before."),
    "not_confirmed": (
        "Er gaat geen bevestiging uit, want het programma mag hier niet vanzelf antwoorden. Mag het wel, geef dan "
        "`bevestig`.",
        "No confirmation goes out, because the program may not answer here by itself. If it may, give `confirm`.",
    ),
    "merged": (
        "Samengevoegd: {closed} is gesloten zonder brief, {ref} loopt door.",
        "Merged: {closed} is closed without a letter, {ref} goes on.",
    ),
    "reopened": (
        "De zaak is weer open. De datums zijn zoals ze waren: uiterlijk {day}.",
        "The case is open again. Its dates are what they were: {day} at the latest.",
    ),
    # People and notes
    "named": ("Naam vastgelegd: {name}.", "Name recorded: {name}."),
    "addressed": ("Adres vastgelegd: {address}.", "Address recorded: {address}."),
    "identified": ("Vastgelegd: de identiteit is akkoord.", "Recorded: the identity is in order."),
    "recipients_recorded": ("Vastgelegd over de ontvangers: {outcome}.", "Recorded about recipients: {outcome}."),
    "told": ("ingelicht", "told"),
    "none": ("er zijn er geen", "there are none"),
    "impossible": ("inlichten kan niet", "telling them is impossible"),
    "assigned": ("De behandelaar is nu {address}.", "The handler is now {address}."),
    "away": (
        "Genoteerd: u bent er niet tot en met {day}. Uw zaken gaan zolang naar een collega.",
        "Noted: you are away up to and including {day}. Until then your cases go to a colleague.",
    ),
    "confidential": ("De zaak is nu vertrouwelijk.", "The case is now confidential."),
    "noted": ("De notitie staat in het dossier.", "The note is in the file."),
    "received": (
        "Dag van ontvangst: {day}. De uiterste dag is nu {due}.",
        "Day of receipt: {day}. The last day is now {due}.",
    ),
    # Status
    "status_head": ("{ref}: {kind}, {state}.", "{ref}: {kind}, {state}."),
    "state_unsure": ("nog niet zeker", "not sure yet"),
    "state_open": ("open", "open"),
    "state_waiting": ("wacht op de betrokkene", "waiting for the data subject"),
    "state_closed": ("gesloten", "closed"),
    "status_dates": (
        "Ontvangen op {received}. Klaar op {due}; de wettelijke laatste dag is {last}.",
        "Received on {received}. Due on {due}; the legal last day is {last}.",
    ),
    "status_target": ("Ontvangen op {received}. Streefdag: {due}.", "Received on {received}. Target day: {due}."),
    "status_at_once": (
        "Ontvangen op {received}. Dit moet direct; de wettelijke laatste dag is {last}.",
        "Received on {received}. This is due at once; the legal last day is {last}.",
    ),
    "status_right": ("- {right}: {outcome}", "- {right}: {outcome}"),
    "undecided": ("nog niet besloten", "not decided yet"),
    "status_maybe": ("- misschien ook {right}", "- perhaps {right} too"),
    "status_held": ("Wacht op `verstuur`: {letter}.", "Waits for `send`: {letter}."),
    "status_leaves": ("Vertrekt op {moment}: {letter}.", "Leaves on {moment}: {letter}."),
    "status_failed": ("Niet bezorgd: {letter}.", "Not delivered: {letter}."),
    "status_next": ("Volgende stap: {step}.", "Next step: {step}."),
    "next_redeliver": (
        "geef `verstuur` of `stop` voor de brief die niet is bezorgd",
        "give `send` or `stop` for the letter that was not delivered",
    ),
    "next_lift": ("de beperking opheffen als dat kan", "lift the restriction when possible"),
    "next_nothing": ("niets", "nothing"),
    "next_label": ("zeggen wat de zaak is", "say what the case is"),
    "next_send": ("de wachtende brief versturen of tegenhouden", "send or stop the held letter"),
    "next_close": ("antwoorden en sluiten", "answer and close"),
    "next_label_rights": ("zeggen welke rechten zijn gevraagd", "say which rights are asked"),
    "next_recipients": ("vastleggen of ontvangers zijn ingelicht", "record whether recipients were told"),
    "next_decide": ("een besluit nemen", "decide"),
}


def say(key: str, language: str, **values: object) -> str:
    """The sentence for staff, in Dutch (`nl`), else in English."""
    return _SENTENCES[key][0 if language == "nl" else 1].format(**values)
