"""What the essay asks beyond the framework's codes, and the words by which answers to it are found.

"Digital Centre of Government: first reflections", Jeni Tennison, 7 October 2024. The
patterns only look for words among contributions that were already mapped to the code;
the pages say so.
"""

from __future__ import annotations

SUB_QUESTIONS = {  # aspect -> (the essay's question, [(answer it offers, words that speak of it)])
    "prioritise": ("Which types of public services does this Government want to prioritise?", [
        ("Used by businesses", r"\bbusiness|\bfirms?\b|\btraders?\b|\bemployers?\b|\bshops?\b|\bself.employed"),
        ("Used by working people", r"\bwork(?:ing|ers?)\b|\bpay ?slip|\bjobs?\b"),
        ("Used by underserved people", r"\bunderserved|\bdisab|\bevict|\bprison|\bviolen|\bin trouble\b|\bprepayment|\bentitled|\bgo online\b|\bget online\b|\bcarers?\b|\bcare leavers?|\bhomeless|\bpoor|\bvulnerab|\bbenefit|\brefugee|\bolder\b"),
        ("Advancing the Missions", r"\bmissions?\b"),
        ("With the highest volume", r"\bvolume|\bmost used|\btransactions?\b|\bmillions?\b"),
    ]),
    "treat": ("How does this Government want to treat the public?", [
        ("In partnership, or in service", r"\bpartner|\btogether\b|\bwith people|\bserv(?:e|es|ant)\b"),
        ("As basically honest, or basically fraudulent", r"\bhonest|\bfraud|\bsuspect|\bsuspicio|\bcheat|\btrust|\bprove\b|\bliar"),
        ("As customers, or as citizens", r"\bcustomers?\b|\bcitizens?\b|\bconsumers?\b"),
        ("Relational, or transactional", r"\brelation|\btransaction|\bhuman\b|\bperson\b|\bdignity|\brespect|\blisten"),
    ]),
    "deliver": ("How does this Government want to deliver public services?", [
        ("By the public sector", r"\bcouncils?\b|\bcivil serv|\bin.house\b|\bpublic sector|\blocal (?:authorit|office)|\bjobcent|\bNHS\b|\bnurses?\b"),
        ("By the private sector", r"\bprivate\b|\bcompan(?:y|ies)|\boutsourc|\bcontractors?\b|\bmarketi[sz]|\bfirms?\b|\bsuppliers?\b|\bbailiff|\blandlords?\b"),
        ("By social enterprises and charities", r"\bcharit|\bsocial enterprise|\bvolunt|\bcommunity group|\bcitizens advice|\bneighbours?\b"),
        ("Through one route, or several", r"\broutes?\b|\bchannels?\b|\bcounter|\bphone|\bpaper|\bface.to.face|\bonline|\bin person|\boffline|\bwalk.in\b"),
        ("Directly, or through intermediaries", r"\bintermediar|\bcarers?\b|\blibrar|\badvis[eo]r|\bon behalf|\breceptionist|\bsupport workers?\b|\bpharmac"),
    ]),
}
ASKED = {  # aspect -> words by which the question of a survey asks for it; its answers are shown where too few others are found
    "prioritise": r"\bfirst\b|\bpriorit",
}
CLOSING = [  # (the essay's closing question, codes of which one must hold, words that must be there)
    ("How to make space for whole system redesign where that is needed", [("barriers", "whole_service")],
     r"\bwhole\b|\bend.to.end|\bre.?design|\bre.?engineer|\bsystems?\b|\bprocess|\bfrom scratch\b|\btransform|\brethink|\bacross\b"),
    ("How to manage the budgeting of cross-government platforms and data in ways that support shared ownership", [("barriers", "budgeting")],
     r"\bshared?\b|\bplatforms?\b|\bcommon|\bcross|\bjoint|\bdata\b|\bacross\b"),
    ("How to balance a drive for standards compliance with a constructive, non-patronising attitude",
     [("aspects", "attitude"), ("aspects", "commons"), ("aspects", "accountability"), ("questions", "centre")],
     r"\bstandards?\b|\bcomplian|\bassessments?\b|\bassess(?:or|ed)|\bguidance\b|\bpatroni|\bassurance\b"),
    ("How to give the right kind of space for innovation at all levels of the system", [("questions", "centre"), ("barriers", "budgeting")],
     r"\binnovat|\bexperiment|\bpilots?\b|\bprototyp|\bspace to\b|\btrial|\btry(?:ing)? (?:it|out|things)\b|\bhack"),
]
