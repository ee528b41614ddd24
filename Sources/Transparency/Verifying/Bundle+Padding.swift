// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Signing

extension Bundle {
    /// How its signature is padded, if an RSA key made it: as an entry of a log says. What a document does not say is the default
    /// of its kind of key (sigstore_common.proto, PublicKeyDetails).
    package var padding: PublicKey.Padding { logEntries.contains(where: LogEntry.statesPSS) ? .pss : .pkcs1 }
}
