// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Packages

extension Platform: ExpressibleByArgument {}
