"""INTERIM"""
import math, glob, collections
_T=None
def _load():
    global _T
    c=collections.Counter(); f=collections.Counter()
    for p in sorted(glob.glob('/usr/lib/python3.11/*.py'))[:150]:
        b=open(p,'rb').read()
        for x,y in zip(b,b[1:]):
            c[x,y]+=1; f[x]+=1
    _T={k:math.log((n+.5)/(f[k[0]]+40)) for k,n in c.items()}
def randomness(v):
    if _T is None: _load()
    classes=0
    if any(48<=x<58 for x in v): classes+=10
    if any(97<=x<123 for x in v): classes+= 6 if all(x in b'0123456789abcdef' for x in v) else 26
    if any(65<=x<91 for x in v): classes+=26
    classes+=len({x for x in v if not chr(x).isalnum()})*1
    u=-math.log(max(classes,2))
    return sum(u-_T.get((x,y),-8.5) for x,y in zip(v,v[1:]))
def is_generated(v):
    return len(v)>=10 and randomness(v)>18
