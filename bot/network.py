"""What went wrong on the way to a server, in one sentence with what to do."""

import ssl


def trouble(error: BaseException, where: str, section: str) -> str | None:
    """The sentence for an error of the network or of TLS, None for any other.

    `where` is "host:port", `section` the table of the configuration that names it.
    """
    keys = f"check {section}.host, {section}.port and the network"
    match error:
        case ssl.SSLCertVerificationError():
            return (
                f"the certificate of {where} is not trusted ({error.verify_message}): check {section}.host, "
                "or add its authority to the system's trust store"
            )
        case ssl.SSLError():
            return f"{where} does not speak TLS as expected: check {section}.port and {section}.security"
        case TimeoutError():
            return f"{where} does not answer: {keys}"
        case OSError(strerror=str()):
            return f"{where} cannot be reached ({error.strerror}): {keys}"
        case OSError():
            return f"{where} ended the connection: it is made anew"
    return None
