package Chart;
use strict; use warnings;
sub svg { return '' }
1;
