"""The training plan: which skill for whom cuts the waiting most, alone and in pairs.

`skills` says what could be learned and how quick its learner would be, `pairs` which two lessons may be
worth more than each, `ground` lives days with somebody trained, `race` drops candidates that fall behind,
and `train` tells what the best are worth on days that nothing was chosen by.
"""
