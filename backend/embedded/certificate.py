"""The certificate by which the servers of the object storage know each other."""

import datetime
import ssl
from pathlib import Path

from backend.embedded.private_file import write_private_file


def keep_certificate(path: Path) -> None:
    """The file, its owner's alone, holds a key and the one certificate that is to be trusted.

    Made on the first start and kept from then on; made anew if it cannot be read. It signs
    itself, so there is nobody who could sign another one, and it is good for client and server
    whatever the clock says. The file appears whole or not at all.
    """
    try:
        # What SeaweedFS cannot read it does without, and then lets everybody in.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)
        path.chmod(0o600)
    except OSError:  # ssl.SSLError is one, too
        write_private_file(path, _new_certificate())


def _new_certificate() -> bytes:
    """A key and its certificate, in PEM."""
    # Only here: it is wanted once in an album's life and takes a while to import.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "object storage")])
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
