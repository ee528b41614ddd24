// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
package import Packages

extension Platform: @retroactive ExpressibleByArgument {}
