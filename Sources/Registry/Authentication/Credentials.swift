// SPDX-License-Identifier: Apache-2.0

/// What proves to a registry who asks. Never printed.
package enum Credentials: Sendable, Equatable {
    case password(user: String, password: String)
    /// A refresh token, exchanged for access tokens at the token server.
    case identityToken(String)
    /// An access token, sent as it is.
    case accessToken(String)
}
